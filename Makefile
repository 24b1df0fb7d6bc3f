# Every target is plain lines that call Python; the README has the same commands without make.
# Another Python: make PYTHON=python3.13 study
windows := $(filter Windows_NT,$(OS))
PYTHON ?= $(if $(windows),py,python3)
RUN := .venv/$(if $(windows),Scripts,bin)/python

study: .venv/installed
	$(RUN) -m lessonlib study

test: .venv/installed
	$(RUN) -m pytest

notebooks: .venv/installed
	$(RUN) notebooks/build.py

app: .venv/installed
	$(RUN) -m lessonlib app

bench: .venv/installed
	$(RUN) benchmarks/loader.py
	$(RUN) benchmarks/twin_difficulty.py
	$(RUN) benchmarks/imports.py
	$(RUN) benchmarks/feed.py
	$(RUN) benchmarks/thresholds.py
	$(RUN) benchmarks/fine_tune.py
	$(RUN) benchmarks/head_pose.py
	$(RUN) benchmarks/bears.py
	$(RUN) benchmarks/bear_remedies.py --final
	$(RUN) benchmarks/answers.py

lint: .venv/installed
	$(RUN) -m ruff check .

.venv/installed: requirements.txt pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'This is Python ' + sys.version.split()[0] + '. Install Python 3.11 or newer, then run: make PYTHON=python3.13')"
	$(PYTHON) -m venv .venv
	$(RUN) -m pip install -r requirements.txt -e .
	$(RUN) -m lessonlib doctor
	$(RUN) -c "open('.venv/installed', 'w').close()"

.PHONY: study test notebooks app bench lint
