"""The models, one file each.

Every file of this folder is imported, so that no model is ever forgotten. The price is that a
file which merely lies here is part of the program, committed or not.
"""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
