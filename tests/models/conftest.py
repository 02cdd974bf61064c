"""Lets the tests of the networks import what they share."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # learning.py, beside this file
