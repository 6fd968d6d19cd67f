"""The grading engine of the course."""

import sys

__version__ = "0.1.0"

# Where this module can be found, jsonschema builds a grammar for international addresses on import: a second of every
# process's start, for a check that no notebook's schema asks for.
sys.modules.setdefault("rfc3987_syntax", None)
