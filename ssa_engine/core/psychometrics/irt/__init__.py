"""Item response theory: calibration, abilities, fit, linking."""
