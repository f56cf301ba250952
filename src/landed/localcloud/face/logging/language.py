"""The grammar of Cloud Logging's filters: `NOT` binds closest, then `OR`, then `AND`."""

from __future__ import annotations

from functools import cache

from lark import Lark, Tree
from lark.exceptions import LarkError

from landed.localcloud.face.answers import invalid

MOST = 20_000
"""Characters that a filter may have, as Google's own limit is."""

_GRAMMAR = r"""
start: conjunction?
conjunction: disjunction (_AND? disjunction)*
disjunction: _term (_OR _term)*
_term: negation | comparison | call | anywhere | "(" conjunction ")"
negation: (_NOT | "-") _term
comparison: FIELD OPERATOR _operand
call: FUNCTION "(" STRING ")"
anywhere: STRING | WORD

_operand: value | "(" values ")"
value: STRING | WORD | NEGATIVE
values: either (_AND? either)*
either: _choice (_OR _choice)*
_choice: value | refusal | "(" values ")"
refusal: _NOT _choice

FIELD.4: /[A-Za-z_][\w-]*(\.([\w\/-]+|"(\\.|[^"\\])*"))*(?=\s*(=~|!~|!=|>=|<=|=|>|<|:))/
FUNCTION.4: /[A-Za-z_]+(?=\()/
OPERATOR: "=~" | "!~" | "!=" | ">=" | "<=" | "=" | ">" | "<" | ":"
_AND: /AND(?![^\s()"])/
_OR: /OR(?![^\s()"])/
_NOT: /NOT(?![^\s()"])/
STRING: /"(\\.|[^"\\])*"/s
NEGATIVE.2: /-\d[^\s()"=<>~!,]*/
WORD: /(?!(AND|OR|NOT)(?![^\s()"]))[^\s()"=<>~!:,-][^\s()"=<>~!,]*/
COMMENT.5: /--[^\n]*/
%ignore /\s+/
%ignore COMMENT
"""


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", maybe_placeholders=False)


def parsed(text: str) -> Tree[object]:
    """A filter as a tree. Raises Refusal for what cannot be parsed."""
    if len(text) > MOST:
        raise invalid(f"Unparseable filter: it is longer than {MOST} characters")
    try:
        return _parser().parse(text)  # type: ignore[return-value] # lark's own alias of Tree[Token]
    except LarkError as error:
        where = f"at line {getattr(error, 'line', '?')}, column {getattr(error, 'column', '?')}"
        raise invalid(f"Unparseable filter: syntax error {where}") from None
