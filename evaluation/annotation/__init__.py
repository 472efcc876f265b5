"""What people say of intentions: drawn, judged, compared, decided. Import from the modules."""
