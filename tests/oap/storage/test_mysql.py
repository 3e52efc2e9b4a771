import pytest

from oap.storage.mysql import MysqlStorage, StorageSettings
from tests.oap.storage.contract_tests import Opener, StorageContract
from tests.oap.storage.samples import DAY
from tests.servers.mariadb import PASSWORD, USER, MariadbServer


def opened(mariadb: MariadbServer, database: str, parameters: str = "") -> MysqlStorage:
    settings = StorageSettings(mariadb.jdbc_url(database, parameters), USER, PASSWORD)
    return MysqlStorage(settings, today=lambda: DAY)


class TestMysqlStorage(StorageContract):
    @pytest.fixture
    def opener(self, mariadb: MariadbServer, database: str) -> Opener:
        return lambda: opened(mariadb, database)
