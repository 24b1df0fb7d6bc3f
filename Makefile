# Every target is plain lines that call Python; the README has the same commands without make.
# Another Python: make PYTHON=python3.13 study. Torch for an NVIDIA card: make CUDA=1 study
windows := $(filter Windows_NT,$(OS))
PYTHON ?= $(if $(windows),py,python3)
RUN := .venv/$(if $(windows),Scripts/python.exe,bin/python)
INSTALL := $(or $(wildcard $(RUN)),$(PYTHON)) install.py $(if $(CUDA),--cuda)

study:
	$(INSTALL)
	$(RUN) -m lessonlib study

app:
	$(INSTALL)
	$(RUN) -m lessonlib app

test:
	$(INSTALL) test
	$(RUN) -m pytest -n 2

test-quick:
	$(if $(LESSON),,$(error Say which lesson: make test-quick LESSON=06))
	$(INSTALL) test
	$(RUN) -m pytest --lesson $(LESSON)

notebooks:
	$(INSTALL) test
	$(RUN) notebooks/build.py

lint:
	$(INSTALL) test
	$(RUN) -m ruff check .

bench:
	$(INSTALL) test bench
	$(RUN) benchmarks/size.py
	$(RUN) benchmarks/first_slider.py
	$(RUN) benchmarks/loader.py
	$(RUN) benchmarks/twin_difficulty.py
	$(RUN) benchmarks/imports.py
	$(RUN) benchmarks/house.py
	$(RUN) benchmarks/feed.py
	$(RUN) benchmarks/thresholds.py
	$(RUN) benchmarks/fine_tune.py
	$(RUN) benchmarks/head_pose.py
	$(RUN) benchmarks/bears.py
	$(RUN) benchmarks/bear_remedies.py --final
	$(RUN) benchmarks/answers.py

.PHONY: study app test test-quick notebooks lint bench
