"""The page in the browser: watch, steer and understand a tumor while it grows."""
