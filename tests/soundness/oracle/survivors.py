"""Mutants that neither the table nor the sample notices, each with the reason."""

from __future__ import annotations

Key = tuple[str, str, str]

_READABLE = "every file of these worlds can be read; tests/soundness/points.py has one that cannot"

_WORDS = "it only chooses words or a note"
_POINTS = "tests/soundness/points.py has it, and these worlds have not"

SURVIVORS: dict[Key, str] = {
    (
        "repository.py",
        "status=Status.UNSEEN, because=f'the commit has no {listed(tree.not_there)}, ",
        "UNSEEN to HOLDS",
    ): _POINTS,
    (
        "image.py",
        "return judged(Status.BROKEN, misfit_in_words(behind[0]))",
        "BROKEN to HOLDS",
    ): _POINTS,
    (
        "image.py",
        "return judged(Status.BROKEN, stale_in_words(stale[0]))",
        "BROKEN to HOLDS",
    ): _POINTS,
    (
        "image.py",
        "which = 'that ran' if open_.ran else 'which of them runs, nobody could tell'",
        "negated if",
    ): _WORDS,
    ("running.py", "did = 'loaded' if copy.ran else 'may have loaded'", "negated if"): _WORDS,
    (
        "running.py",
        "return seen.running.evidence if _chosen(seen) else ()",
        "negated if",
    ): _WORDS,
    ("answers.py", "which = 'ran' if copy.ran else 'may be what runs'", "negated if"): _WORDS,
    (
        "answers.py",
        "own = execution.overridden if isinstance(execution, Execution) else ()",
        "negated if",
    ): _WORDS,
    (
        "answers.py",
        "start = f'; the {listed(own)} that this one was started with stands in no co",
        "negated if",
    ): _WORDS,
    (
        "logs.py",
        "Status.UNSEEN, f'{execution.called} shows a stack whose lines are not surely",
        "UNSEEN to HOLDS",
    ): _POINTS,
    (
        "logs.py",
        "Status.UNSEEN, f'at {away} of {count(len(watch.checkpoints), 'checkpoint')} ",
        "UNSEEN to HOLDS",
    ): _POINTS,
    (
        "build.py",
        "BuildState.LOST: (Status.UNSEEN, build.failure or 'never recorded an end'),",
        "swapped or",
    ): _WORDS,
    ("logs.py", "remedy=(remedy,) if remedy else (),", "negated if"): _WORDS,
    (
        "rollout.py",
        "return Status.UNSEEN, f'nobody could tell what {whom} should be on'",
        "UNSEEN to HOLDS",
    ): _POINTS,
    (
        "build.py",
        "status, because = Status.UNSEEN, 'succeeded; a step may have pushed what it ",
        "UNSEEN to HOLDS",
    ): _POINTS,
    ("rollout.py", "digest = built_digest(seen) or _named_digest(seen)", "swapped or"): _POINTS,
    (
        "running.py",
        "return judged(Status.UNSEEN, 'serves, and the service does not say so')",
        "UNSEEN to HOLDS",
    ): _POINTS,
    (
        "logs.py",
        "why = 'no sign of the expected work either' if logs.asked else 'nobody has a",
        "negated if",
    ): _WORDS,
    ("logs.py", "again = (how,) if execute else ()", "negated if"): _WORDS,
    (
        "logs.py",
        "how = execute if execution.serves else f'give it something to do, then: {exe",
        "negated if",
    ): _WORDS,
    (
        "logs.py",
        "other = () if execution.serves else (f'or say what its work reads like, {exp",
        "negated if",
    ): _WORDS,
    (
        "rollout.py",
        "f'{short(first.digest or '')}, not on {short(digest or '')}{still}'",
        "swapped or",
    ): _WORDS,
    (
        "rollout.py",
        "if deployment.latest not in {one.revision for one in deployment.serving}:",
        "negated if",
    ): _WORDS,
    ("rollout.py", "if deployment.serving:", "negated if"): _WORDS,
    (
        "rollout.py",
        "on = listed(list(dict.fromkeys(short(one.digest or '') for one in deployment",
        "swapped or",
    ): _WORDS,
    (
        "rollout.py",
        "still = ', until the new one is ready' if deployment.deploying else ''",
        "negated if",
    ): _WORDS,
    (
        "rollout.py",
        "why = f': {deployment.not_ready}' if deployment.not_ready else ''",
        "negated if",
    ): _WORDS,
    (
        "image.py",
        "return judged(Status.UNSEEN, f'nobody could compare {listed(unknown)} with t",
        "UNSEEN to HOLDS",
    ): _READABLE,
    (
        "build.py",
        "return judged(Status.UNSEEN, f'{taken}; nobody could compare {listed(unknown",
        "UNSEEN to HOLDS",
    ): _READABLE,
    (
        "answers.py",
        "return Answer.UNKNOWN, 'some files of what runs could not be compared with t",
        "UNKNOWN to YES",
    ): _READABLE,
    (
        "answers.py",
        "if differing(source.differences) or differing(image.differences):",
        "swapped or",
    ): _READABLE,
    ("differences.py", "if names:", "negated if"): "unreviewed",
    ("build.py", "if isinstance(seen.forward.build, Build):", "negated if"): "unreviewed",
    ("build.py", "if source.kind is SourceKind.UPLOAD:", "negated if"): "unreviewed",
    (
        "build.py",
        "ref = f' of {branch(source.ref)}' if source.ref else ''",
        "negated if",
    ): "unreviewed",
    (
        "build.py",
        "return f'the builder cloned {short(source.commit or 'nothing')}{ref}'",
        "swapped or",
    ): "unreviewed",
    (
        "build.py",
        "return judged(Status.HOLDS, f'{taken}; {commit} changes nothing in the image",
        "HOLDS to BROKEN",
    ): "unreviewed",
    (
        "build.py",
        "back = 'has it reverted' if source.presence is Presence.REVERTED else 'does ",
        "negated if",
    ): "unreviewed",
    (
        "build.py",
        "Status.BROKEN, f'{taken}; {short(source.commit or '')} is not on the builder",
        "swapped or",
    ): "unreviewed",
    (
        "build.py",
        "return judged(Status.HOLDS, f'the upload equals {short(source.commit or '')}",
        "swapped or",
    ): "unreviewed",
    (
        "build.py",
        "BuildState.FAILED: (Status.BROKEN, f'failed: {build.failure or 'no reason re",
        "swapped or",
    ): "unreviewed",
    (
        "image.py",
        "elsewhere = isinstance(registry, Registry) and registry.digest != digest",
        "swapped and",
    ): "unreviewed",
    (
        "image.py",
        "*(('the name that was built resolves to another digest',) if elsewhere else ",
        "negated if",
    ): "unreviewed",
    ("image.py", "status=Status.BROKEN, because=registry.reason,", "BROKEN to HOLDS"): "unreviewed",
    ("judged.py", "subject=subject or {},", "swapped or"): "unreviewed",
    ("judged.py", "remedy=(what.hint,) if what.hint else (),", "negated if"): "unreviewed",
    ("judged.py", "remedy=(what.remedy,) if what.remedy else (),", "negated if"): "unreviewed",
    (
        "repository.py",
        "which = 'file differs' if beside == 1 else 'files differ'",
        "negated if",
    ): "unreviewed",
    (
        "repository.py",
        "note = (f'beside what the build reads, {beside} {which} from HEAD',) if besi",
        "negated if",
    ): _WORDS,
    (
        "repository.py",
        "*(_advice(file) for file in tree.build_files if unbuilt and _wants(file)),",
        "swapped and",
    ): _WORDS,
    ("repository.py", "return bool(file.lacks or file.problem)", "swapped or"): _WORDS,
    ("repository.py", "if file.problem:", "negated if"): _WORDS,
    ("repository.py", "if names:", "negated if"): "unreviewed",
    (
        "repository.py",
        "remedy=(remote.remedy,) if remote.remedy else (),",
        "negated if",
    ): "unreviewed",
    (
        "repository.py",
        "by = f' by {short(remote.undone_by)}' if remote.undone_by else ''",
        "negated if",
    ): "unreviewed",
    (
        "rollout.py",
        "by_tag = () if deployment.pinned else ('by a tag, which is resolved at each ",
        "negated if",
    ): "unreviewed",
    (
        "rollout.py",
        "return f', whose files all equal those of {short(digest or '')}'",
        "swapped or",
    ): _WORDS,
    ("rollout.py", "if digest is None and named is None:", "swapped and"): "unreviewed",
    ("running.py", "remedy=(remedy,) if remedy else (),", "negated if"): "unreviewed",
    (
        "running.py",
        "code = '' if execution.exit_code is None else f' with exit code {execution.e",
        "negated if",
    ): "unreviewed",
    ("answers.py", "if seen.change.unplaced:", "negated if"): "unreviewed",
    (
        "answers.py",
        "return Answer.UNKNOWN, f'nothing of {listed(seen.change.unplaced)} reaches t",
        "UNKNOWN to YES",
    ): "unreviewed",
    (
        "answers.py",
        "if isinstance(source, Source) and source.presence.arrived:",
        "negated if",
    ): "unreviewed",
    (
        "answers.py",
        "if isinstance(source, Source) and source.presence.arrived:",
        "swapped and",
    ): "unreviewed",
    (
        "answers.py",
        "return Answer.YES, 'it changes nothing in the image, and what runs was built",
        "YES to NO",
    ): "unreviewed",
    (
        "answers.py",
        "Answer.UNKNOWN, f'it changes nothing in the image, so {short(running.digest)",
        "UNKNOWN to YES",
    ): "unreviewed",
    (
        "answers.py",
        "return Answer.NO, f'its source {short(source.commit or '')} is not on the re",
        "swapped or",
    ): "unreviewed",
    (
        "answers.py",
        "only = ' (source only: its base and its RUN steps are not pinned)' if build.",
        "negated if",
    ): "unreviewed",
    (
        "answers.py",
        "where = 'what ran does not have it, and' if inside is Answer.NO else 'the ex",
        "negated if",
    ): "unreviewed",
    (
        "answers.py",
        "where = 'what ran does not have it, and' if inside is Answer.NO else 'the ex",
        "NO to YES",
    ): "unreviewed",
    (
        "answers.py",
        "return Answer.UNKNOWN, 'the entries could not be read'",
        "UNKNOWN to YES",
    ): "unreviewed",
    (
        "answers.py",
        "return Answer.UNKNOWN, f'an earlier execution with the change still showed `",
        "UNKNOWN to YES",
    ): "unreviewed",
}
