"""Known architectures to begin with, sized to the data."""
