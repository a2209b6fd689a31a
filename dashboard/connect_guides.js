// What other tools are given to read the figures: the snippets of docs/facts.md with this server's address.

/** All rows as one CSV, for Power Query. @param {string} server */
export const powerQueryCsv = server => `let
    Answer = Web.Contents("${server}", [
        RelativePath = "v1/facts",
        Query = [format = "csv", encoding = "utf-8"],
        Timeout = #duration(0, 0, 5, 0)
    ]),
    Table = Table.PromoteHeaders(Csv.Document(Answer, [Delimiter = ",", Encoding = 65001, QuoteStyle = QuoteStyle.Csv])),
    Typed = Table.TransformColumnTypes(Table, {{"fiscal_year", Int64.Type}, {"fiscal_quarter", Int64.Type}, {"programme_year", Int64.Type}, {"programme_month", Int64.Type}, {"plan_version", Int64.Type}, {"value", type number}, {"numerator", type number}, {"denominator", type number}, {"actual", type number}, {"plan", type number}, {"target", type number}, {"attainment", type number}, {"shortfall", type number}, {"high_hurdle", type logical}}, "en-US"),
    Dated = Table.AddColumn(Typed, "date", each Date.FromText([month] & "-01", [Format = "yyyy-MM-dd"]), type date)
in
    Dated`

/** The same in pages of JSON. @param {string} server */
export const powerQueryPages = server => `let
    Page = (cursor as text) => Json.Document(Web.Contents("${server}", [
        RelativePath = "v1/facts",
        Query = if cursor = "" then [limit = "10000"] else [limit = "10000", cursor = cursor]
    ])),
    Pages = List.Generate(
        () => Page(""),
        each _ <> null,
        each if [next_cursor] = null then null else Page([next_cursor])
    ),
    Rows = List.Combine(List.Transform(Pages, each [items])),
    Table = Table.FromRecords(Rows)
in
    Table`

/** A cell of Google Sheets. @param {string} link */
export const sheetFormula = link => `=IMPORTDATA("${link}")`

/** What provisions Grafana's data source. @param {string} server */
export const grafanaSource = server => `apiVersion: 1
datasources:
  - name: shirube
    uid: shirube
    type: yesoreyeram-infinity-datasource
    access: proxy
    url: ${server}
    basicAuth: false
    jsonData:
      auth_method: bearerToken
      # Infinity sends credentials only to these.
      allowedHosts:
        - ${server}
      # "Save & test" asks for the columns.
      customHealthCheckEnabled: true
      customHealthCheckUrl: ${server}/v1/facts/columns
    secureJsonData:
      bearerToken: $SHIRUBE_KEY`

/** What Grafana's panels ask for. @param {string} server */
export const grafanaQueries = server =>
  ['/v1/facts?high_hurdle=true&limit=10000', '/v1/alerts?state=open&limit=200'].map(path => server + path)

/** @param {string} server */
export const curl = server => `curl -H "X-API-Key: $SHIRUBE_KEY" '${server}/v1/facts?format=ndjson&fiscal_year=2026'`

/** @param {string} server */
export const python = server => `import pandas
facts = pandas.read_csv("${server}/v1/facts?format=csv&encoding=utf-8", storage_options={"X-API-Key": key}, dtype={"prefecture": str})`
