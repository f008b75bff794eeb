"""What the window looks at, as plain numbers."""
