"""Contracts for the tests: one of ours, one of others, one of an older standard."""

import pytest

from readybook.contract.read import parse_contract
from readybook.model.errors import InvalidInputError

#: A contract with every property of ours.
CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: returns
version: 1.0.0
customProperties:
  - {property: readiness.expires, value: 2027-06-30}
servers:
  - server: warehouse
    type: postgres
    host: db.example.org
    port: 5432
    database: shop
    schema: sales
    customProperties:
      - {property: readiness.userVariable, value: SHOP_USER}
      - {property: readiness.passwordVariable, value: SHOP_PASSWORD}
  - {server: copy, type: duckdb, database: data/shop.duckdb, schema: main}
slaProperties:
  - {property: latency, value: 2, unit: d, element: orders.ordered_at}
  - {property: retention, value: 3, unit: y}
schema:
  - name: orders
    physicalName: orders_v2
    quality:
      - {type: sql, query: select 1, mustBe: 1}
      - {metric: rowCount, mustBeGreaterThan: 0}
      - {metric: duplicateValues, mustBe: 0, arguments: {properties: [id, shop]}}
    customProperties:
      - {property: readiness.eventTime, value: ordered_at}
      - {property: readiness.train, value: {column: ordered_at, from: 2025-01-01, to: '2025-09-30'}}
      - {property: readiness.live, value: [{column: ordered_at, from: 2025-10-01}, {column: shop, equals: [north, south]}]}
      - {property: readiness.expires, value: '2026-12-31'}
      - {property: readiness.origin, value: tills of the shops}
    properties:
      - {name: id, logicalType: integer, required: true}
      - {name: ordered_at, logicalType: timestamp}
      - name: shop
        physicalName: shop_code
        logicalType: string
        quality:
          - {metric: nullValues, mustBeLessThan: 1, unit: percent}
          - {type: custom, engine: soda, implementation: 'checks: []'}
      - name: price
        logicalType: number
        logicalTypeOptions: {minimum: 0, exclusiveMaximum: 1000.5}
        transformSourceObjects: [till.lines, '', till.lines]
        transformLogic: ''
        transformDescription: Sum of the lines.
        authoritativeDefinitions:
          - {url: 'https://example.org/price', type: businessDefinition}
        quality:
          - {type: text, description: No price is guessed.}
          - {metric: nullValues, mustBeLessOrEqualTo: 25}
      - name: returned
        logicalType: boolean
        customProperties:
          - {property: readiness.label, value: true}
          - {property: readiness.labelKnown, value: settled_at}
          - {property: readiness.labelFill, value: 0.95}
          - {property: readiness.labelDelay, value: P30D}
          - {property: readiness.origin, value: desk of returns}
      - {name: settled_at, logicalType: date}
      - {name: tags, logicalType: array}
  - name: archive
    properties:
      - {name: year, logicalType: integer}
      - {name: note}
"""

#: The rows that it declares as learned from, and its service level.
TRAIN = "{column: ordered_at, from: 2025-01-01, to: '2025-09-30'}"
LATENCY = "{property: latency, value: 2, unit: d, element: orders.ordered_at}"

#: A contract that was never written for this tool: every section of version 3.2.
FOREIGN = """\
apiVersion: v3.2.0
kind: DataContract
id: 53581432-6c55-4ba2-a65f-72344a91553a
name: seller_payments
version: 1.1.0
status: active
domain: seller
dataProduct: payments
tenant: Shop
context:
  instructions: Ask only about settled payments.
  verifiedStatements:
    - {id: q1, question: How many?, answer: Many., tags: [count]}
  constraints:
    - {id: c1, constraint: No personal data.}
description:
  purpose: Views on payments.
  usage: Forecasts.
  limitations: None known.
  customProperties: [{property: language, value: en}]
  authoritativeDefinitions: [{url: 'https://example.org/policy', type: policy}]
tags: [payments]
authoritativeDefinitions: [{url: 'https://example.org/contract', type: canonicalUrl}]
contractCreatedTs: 2026-01-01T10:00:00Z
slaDefaultElement: tab1.txn_ref_dt
slaProperties:
  - {id: l, property: latency, value: 4, unit: d, element: tab1.txn_ref_dt}
  - {property: Freshness, value: within a working day}
  - {property: latency, value: null}
  - {property: ly, value: 2, unit: fortnights, element: payments}
  - {property: generalAvailability, value: 2022-05-12T09:30:10-08:00}
  - {property: frequency, value: 1, valueExt: 1, unit: d, driver: regulatory}
  - {property: availability, value: 99.5, unit: percent, scheduler: cron, schedule: 0 20 * * *}
support:
  - {channel: '#payments', tool: slack, url: 'https://example.org/chat', scope: interactive}
price: {id: p, priceAmount: 9.95, priceCurrency: EUR, priceUnit: megabyte}
team:
  name: payments
  members:
    - {username: data-owner, role: owner, dateIn: 2022-08-02, dateOut: 2022-10-01, replacedByUsername: data-steward}
    - {username: data-steward}
roles:
  - {role: reader, access: read, firstLevelApprovers: owner, secondLevelApprovers: board}
customProperties:
  - {property: refRulesetName, value: gcsc, vendor: soda}
servers:
  - {server: pg, type: postgresql, host: h, port: '${DB_PORT}', database: d, schema: s, environment: prod, roles: [{role: reader}]}
  - {server: tr, type: trino, host: h, port: '8443', catalog: hive, schema: s}
  - {server: bq, type: bigquery, project: p, dataset: d}
  - {server: sf, type: snowflake, account: a, database: d, schema: s, warehouse: w, host: ''}
  - {server: db, type: databricks, catalog: c, schema: s}
  - {server: s3, type: s3, location: 's3://bucket/{model}/*.json', format: json, delimiter: new_line}
  - {server: ka, type: kafka, host: h, format: avro}
  - {server: or, type: oracle, host: h, port: 1521, serviceName: x}
  - {server: cu, type: custom, endpointUrl: 'https://example.org', path: /srv/data, stream: x}
schema:
  - id: t1
    name: payments
    physicalName: tbl_1
    physicalType: table
    logicalType: object
    businessName: Payments
    dataGranularityDescription: One row per payment
    deprecated: false
    synonyms: [{synonym: settlements, locale: en}]
    tags: [finance]
    context: Text for assistants.
    authoritativeDefinitions: [{url: 'https://example.org/t', type: glossary}]
    relationships:
      - {from: payments.receiver, to: receivers.id, type: foreignKey}
      - {from: payments.receiver, to: 'https://example.org/c.yaml#schema/x/properties/y'}
    quality:
      - {type: text, description: All is well., dimension: completeness}
      - {type: sql, query: 'SELECT COUNT(*) FROM {object}', mustBeBetween: [1, 9], severity: error}
      - {metric: duplicateValues, mustBeLessThan: 10, unit: rows, arguments: {properties: [id, day]}}
      - {type: custom, engine: greatExpectations, implementation: {type: expect_table_row_count_to_be_between}}
    properties:
      - name: id
        primaryKey: true
        primaryKeyPosition: 1
        logicalType: string
        logicalTypeOptions: {minLength: 3, pattern: '^[A-Z]+$'}
        encryptedName: id_encrypted
        examples: [ABC]
        classification: '3'
      - name: day
        logicalType: date
        logicalTypeOptions: {minimum: '2020-01-01', format: yyyy-MM-dd}
        partitioned: true
        partitionKeyPosition: 1
        criticalDataElement: true
        semanticType: dimension
      - name: amount
        logicalType: number
        quality:
          - {metric: nullValues, mustNotBe: 3}
          - {metric: nullValues, mustBeLessThan: 5, unit: parts}
          - {metric: invalidValues, mustBe: 0, arguments: {validValues: [1, 2]}}
          - {type: sql, query: SELECT 1, mustBe: 1, schedule: 0 20 * * *, scheduler: cron}
        customProperties: [{property: anonymization, value: {nested: [1, {quality: odd}]}}]
      - {name: receiver, logicalType: string, relationships: [{to: receivers.id}]}
      - name: address
        logicalType: object
        properties:
          - name: lines
            logicalType: array
            items: {logicalType: string, quality: [{type: custom, engine: dbt, implementation: x}]}
      - name: extra
        logicalType: map
        map: {key: {logicalType: string}, value: {logicalType: number}}
      - {name: embedding, logicalType: vector, logicalTypeOptions: {dimensions: 3}}
"""

#: What version 3.0 allowed and 3.2 does not.
OLDER = """\
apiVersion: v3.0.2
kind: DataContract
id: older
version: 1.0.0
status: active
team: [{username: data-owner, comment: since 2020}]
slaProperties: [{property: latency, value: 4, unit: d, column: day}]
schema:
  - name: t
    quality: not a list
    properties:
      - name: a
        logicalType: integer
        logicalTypeOptions: {minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false}
        quality:
          - {type: library, rule: nullCheck, dimension: completeness}
          - odd
          - {rule: nullValues, mustBe: 0}
          - {rule: missingValues, arguments: odd}
      - {name: b, logicalType: number, logicalTypeOptions: odd}
"""


def read(text, folder):
    """Return the data model of a text."""
    return parse_contract(text, name="data.odcs.yaml", folder=folder).model


def changed(*pairs, text=CONTRACT):
    """Return the contract with the first of each text replaced."""
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def messages(text, folder):
    """Return what a refused text is told, without the name of its file."""
    with pytest.raises(InvalidInputError) as refused:
        read(text, folder)
    return [
        line.removeprefix("data.odcs.yaml:") for line in str(refused.value).splitlines()
    ]
