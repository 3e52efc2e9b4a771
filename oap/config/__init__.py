"""application.yml as frozen typed sections."""
