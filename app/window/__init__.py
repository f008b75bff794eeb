"""What only the main window uses: its docks, its status line, what it does with dropped files."""
