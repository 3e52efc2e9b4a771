"""MySQL and MariaDB, in tables that the Java server reads and writes too."""

from oap.storage.mysql.settings import StorageSettings
from oap.storage.mysql.storage import MysqlStorage

__all__ = ["MysqlStorage", "StorageSettings"]
