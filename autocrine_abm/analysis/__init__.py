"""What sweeps show: intervals, curves, phase diagrams, sensitivity, doses and their combinations, and fits to data."""
