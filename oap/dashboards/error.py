"""What keeps a server from starting with its dashboards."""


class DashboardError(Exception):
    """The files cannot be used; the text shows every finding with its place."""
