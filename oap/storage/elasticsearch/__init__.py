"""The store on Elasticsearch or OpenSearch, in the layout of Apache SkyWalking OAP 10.4 (spec storage 2)."""

from oap.storage.elasticsearch.settings import ElasticsearchStoreSettings
from oap.storage.elasticsearch.storage import ElasticsearchStorage

__all__ = ["ElasticsearchStorage", "ElasticsearchStoreSettings"]
