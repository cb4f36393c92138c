"""Run the command line: python -m nn."""

from nn.cli import main

raise SystemExit(main())
