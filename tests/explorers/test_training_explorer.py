"""The slider of lesson 05: move the value, read the page; torch's schedule is the oracle."""

import math

import pytest

from lessonlib.explorers.training import GROUPS, one_cycle_explorer, one_cycle_rates


def half_wave(begin, end, share):
    return end + (begin - end) * (1 + math.cos(math.pi * share)) / 2


@pytest.mark.parametrize("pct_start, div", [(0.25, 25.0), (0.5, 2.0), (0.95, 50.0)])
def test_the_heads_rates_are_two_half_waves(pct_start, div):
    rates = one_cycle_rates(pct_start, div)["head"]
    peak = pct_start * 60 - 1
    for step, rate in enumerate(rates):
        if step <= peak:
            expected = half_wave(1 / div, 1, step / peak)
        else:
            expected = half_wave(1, 1e-4 / div, (step - peak) / (59 - peak))
        assert rate == pytest.approx(expected, abs=1e-9)


def test_the_groups_lie_evenly_by_factor_below_the_head():
    rates = one_cycle_rates(ratio=100.0)
    assert list(rates) == list(GROUPS)
    for early, late, head in zip(*rates.values(), strict=True):
        assert late / early == pytest.approx(10, rel=1e-4)
        assert head / late == pytest.approx(10, rel=1e-4)


def test_moving_the_controls_changes_start_peak_and_spread():
    explorer = one_cycle_explorer()
    controls = explorer.controls
    assert "head</th><td>0.0400</td><td>1.0000</td><td>15</td>" in explorer.page.value
    assert "early layers</th><td>0.0040</td><td>0.1000</td>" in explorer.page.value
    controls["pct_start"].value = 0.75
    assert "head</th><td>0.0400</td><td>1.0000</td><td>45</td>" in explorer.page.value
    controls["div"].value = 2
    assert "head</th><td>0.5000</td><td>1.0000</td><td>45</td>" in explorer.page.value
    controls["ratio"].value = 1
    assert "early layers</th><td>0.5000</td><td>1.0000</td><td>45</td>" in explorer.page.value


def test_every_control_has_a_label_and_the_fallback_names_it():
    explorer = one_cycle_explorer()
    for control in explorer.controls.values():
        assert control.description and control.description in repr(explorer)
