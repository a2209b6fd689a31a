// Excel and CSV in: what is said of a file before anything is stored, at every outcome.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  accessibilityFaults,
  open,
  overflow,
  PLAIN_HOST,
  screenshot,
  settled,
  signIn,
  startBrowser,
  startDemo,
} from './support.mjs'
import { typed } from './workbook.mjs'

let demo
let browser
let own
let month
let folder
before(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), startBrowser()])
  const { scorecards } = await demo.api('hub', '/v1/overview')
  own = scorecards.find(card => card.key === 'challenge-population')
  month = own.month
  folder = mkdtempSync(join(tmpdir(), 'shirube-imports-'))
})
after(async () => {
  await browser?.close()
  await demo?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** A file on disk, as somebody keeps it. */
const file = (name, content = '項目コード,実績値\nuij-consult,12\n') => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const text = (ja, en = ja) => ({ ja, en })
const place = (row, value) => ({ sheet: '実績', row, column: 'C', cell: `C${row}`, value })
const reported = value => ({ state: 'reported', value, numerator: null, denominator: null, reason: null })
const counts = changes => ({ received: 0, created: 0, updated: 0, unchanged: 0, cleared: 0, rejected: 0, ...changes })

/** What the service says of a workbook with some of everything. */
const answer = (changes = {}) => ({
  outcome: 'applied',
  dry_run: true,
  understood: {
    format: 'xlsx',
    encoding: null,
    delimiter: null,
    mapping: false,
    sheets: [
      {
        name: '実績',
        read: true,
        reason: null,
        layout: 'long',
        heading_row: 3,
        columns: [
          { column: 'A', heading: '項目コード', meaning: 'item', month: null, item: null },
          { column: 'B', heading: '担当', meaning: 'ignored', month: null, item: null },
          { column: 'C', heading: '2026年10月', meaning: 'value', month, item: null },
        ],
        months: [month],
        left_out: [{ row: 40, text: '合計', reason: text('合計の行です。', 'A row of totals.') }],
      },
      {
        name: '説明',
        read: false,
        reason: text('見出しの行がありません。', 'It has no heading row.'),
        layout: null,
        heading_row: null,
        columns: [],
        months: [],
        left_out: [],
      },
    ],
  },
  counts: counts({ received: 31, created: 2, updated: 1, unchanged: 28 }),
  cells: [
    {
      scorecard: own.id,
      item: 'uij-consult',
      name: text('UIJ ターンの相談', 'Consultations'),
      month,
      before: { state: 'not_reported' },
      after: reported(12),
      place: place(5, '１２'),
    },
    {
      scorecard: own.id,
      item: 'uij-turn',
      name: text('UIJ ターン', 'Moves'),
      month,
      before: reported(1234.5),
      after: reported(-12),
      place: place(6, '△12'),
    },
    {
      scorecard: own.id,
      item: 'newsletter',
      name: text('メールマガジン', 'Newsletter'),
      month,
      before: { state: 'not_reported' },
      after: { state: 'not_applicable', reason: '休刊' },
      place: place(7, '対象外：休刊'),
    },
  ],
  reports: [
    {
      index: 0,
      scorecard: own.id,
      outcome: 'applied',
      counts: counts({ received: 31, created: 2, updated: 1, unchanged: 28 }),
      changes: [
        {
          item: 'newsletter',
          from: { status: 'no_data', flag: 'none' },
          to: { status: 'not_applicable', flag: 'none' },
        },
        { item: 'uij-turn', from: { status: 'on_track', flag: 'none' }, to: { status: 'behind', flag: 'red' } },
      ],
      alerts: [],
      issues: [],
      revision: own.revision,
      completeness: null,
    },
  ],
  issues: [
    {
      severity: 'warning',
      code: 'implausible',
      path: '',
      message: text('前月の 3 倍です。', 'Three times the month before.'),
      place: place(5, '１２'),
    },
  ],
  ...changes,
})

const problem = (status, code, issues = [], more = {}) => ({
  status,
  contentType: 'application/problem+json',
  body: JSON.stringify({ type: 'x', title: code, status, code, detail: code, issues, request_id: 'request', ...more }),
})

const issue = (code, row, value, message, remedy) => ({
  severity: 'error',
  code,
  path: '',
  message: text(message),
  place: place(row, value),
  remedy: remedy ? text(remedy) : null,
})

/** A page that answers imports as `reply` says, and keeps what was sent. */
async function visit({
  role = 'hub',
  path = '/imports',
  reply = () => ({ json: answer() }),
  of = demo,
  ...options
} = {}) {
  const tab = await open(browser, of, options)
  const sent = []
  await tab.page.route('**/v1/imports?*', async route => {
    const request = route.request()
    const asked = new URL(request.url()).searchParams
    sent.push({
      asked,
      key: request.headers()['idempotency-key'],
      type: request.headers()['content-type'],
      body: request.postDataBuffer()?.toString('utf8'),
    })
    await route.fulfill(await reply(asked, sent.length))
  })
  await signIn(tab, demo, role, path)
  const choose = async path => {
    const waiting = tab.page.waitForEvent('filechooser')
    await tab.page
      .getByRole('button', { name: /ファイルを選|別のファイル|Choose/ })
      .first()
      .click()
    await (await waiting).setFiles(path)
  }
  return { tab, page: tab.page, sent, choose }
}

test('a preview says what was understood and what changes; storing happens once', async () => {
  const { tab, page, sent, choose } = await visit({
    reply: async asked => {
      if (!asked.has('dry_run')) await new Promise(resolve => setTimeout(resolve, 300))
      return { json: answer({ dry_run: asked.has('dry_run') }) }
    },
  })
  await page.locator('.bar nav').getByRole('link', { name: 'Excel 取り込み' }).waitFor()
  await screenshot(page, 'imports-empty')
  assert.deepEqual(await accessibilityFaults(page), [])
  await choose(file('10月 実績.csv'))
  await page.getByRole('heading', { name: '取り込むと 3 個の値が変わります' }).waitFor()
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), '取り込むと 3 個の値が変わります')
  await page.getByText('10月 実績.csv').waitFor()
  const turns = await page.locator('.changes li').allTextContents()
  assert.match(turns[0], /^UIJ ターン/, 'red comes first')
  const cells = page.locator('.import-cells tbody tr')
  assert.match(await cells.nth(0).textContent(), /UIJ ターンの相談.*未報告.*12.*実績!C5.*１２/)
  assert.match(await cells.nth(1).textContent(), /1,234\.5.*-12.*△12/)
  assert.match(await cells.nth(2).textContent(), /対象外（休刊）/)
  await page.getByText('前月の 3 倍です。').waitFor()
  await page.locator('summary', { hasText: '読み取った内容' }).click()
  for (const part of ['担当', '合計の行です。', '見出しの行がありません。', '1 行に一つの値', '31 個の値'])
    await page.getByText(part).first().waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  await screenshot(page, 'imports-preview')
  assert.deepEqual(
    sent.map(({ asked, key, type, body }) => [asked.get('dry_run'), key, type, body]),
    [['true', undefined, 'text/csv', '項目コード,実績値\nuij-consult,12\n']],
  )
  await page.getByLabel('連絡事項').fill('10月分です。')
  const take = page.getByRole('button', { name: '取り込む', exact: true })
  await take.evaluate(button => {
    button.click()
    button.click()
  })
  await page.getByRole('button', { name: '取り込んでいます…' }).waitFor()
  await page.getByRole('heading', { name: '取り込みました' }).waitFor()
  await screenshot(page, 'imports-done')
  assert.deepEqual(await accessibilityFaults(page), [])
  assert.equal(sent.length, 2)
  assert.equal(sent[1].asked.get('note'), '10月分です。')
  assert.equal(sent[1].asked.has('dry_run'), false)
  assert.ok(sent[1].key)
  assert.equal(sent[1].body, sent[0].body)
  await page.locator('.import-places a').nth(1).click()
  await page.locator('.entry').waitFor()
  assert.ok(page.url().endsWith(`/scorecards/${own.id}/actuals/${month}`))
  assert.deepEqual(tab.faults, [])
})

test('by keyboard alone, from the button to the end', async () => {
  const { tab, page, sent } = await visit()
  page.on('filechooser', chooser => void chooser.setFiles(file('a.xlsx')))
  await page.locator('main').focus()
  for (let step = 0; step < 6; step++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate(() => document.activeElement?.id === 'import-choose')) break
  }
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: /個の値が変わります/ }).waitFor()
  for (let step = 0; step < 30; step++) {
    await page.keyboard.press('Tab')
    if ((await page.evaluate(() => document.activeElement?.textContent)) === '取り込む') break
  }
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '取り込みました' }).waitFor()
  assert.match(sent[0].type, /spreadsheetml/)
  assert.deepEqual(tab.faults, [])
})

/** Drops files onto the page, as a file manager does. */
const drop = (page, files, target = '.drop') =>
  page.evaluate(
    ([files, target]) => {
      const transfer = new DataTransfer()
      for (const [name, content] of files) transfer.items.add(new File([content], name))
      for (const kind of ['dragenter', 'dragover', 'drop'])
        document
          .querySelector(target)
          .dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }))
    },
    [files, target],
  )

test('files that do not fit are refused at once, in words', async () => {
  const { tab, page, sent } = await visit()
  for (const [files, said] of [
    [[['a.xls', 'x']], /古い形式/],
    [[['a.XLSM', 'x']], /マクロ/],
    [[['a.pdf', 'x']], /取り込めない種類/],
    [[['a.csv', '']], /空のファイル/],
    [[['a.csv', 'x'.repeat(5 * 1024 * 1024 + 1)]], /5 MiB までです/],
    [
      [
        ['a.csv', 'x'],
        ['b.csv', 'x'],
      ],
      /一つずつ/,
    ],
  ]) {
    await drop(page, files)
    await page.locator('.drop [role=alert]').getByText(said).waitFor()
  }
  assert.deepEqual(await accessibilityFaults(page), [])
  await screenshot(page, 'imports-unfit')
  assert.equal(sent.length, 0)
  // Beside the zone it counts, too, and the page stays.
  await drop(page, [['b.tsv', 'item\tvalue\n']], 'h1')
  await page.getByRole('heading', { name: /個の値が変わります/ }).waitFor()
  assert.equal(sent[0].type, 'text/tab-separated-values')
  assert.equal(await page.locator('.drop [role=alert]').textContent(), '')
  assert.deepEqual(tab.faults, [])
})

test('problems: each with its place and a way to mend it, taken along, and the file chosen again', async () => {
  let isMended = false
  const { tab, page, sent, choose } = await visit({
    expected: [/422 \(Unprocessable Entity\)/],
    reply: () =>
      isMended
        ? { json: answer() }
        : problem(422, 'invalid', [
            issue('unreadable_figure', 5, '約12件', '数値として読めません。', '「12」のように数字だけにしてください。'),
            issue('formula_without_value', 6, '=SUM(A1:A3)', '計算結果が保存されていません。', null),
          ]),
  })
  await tab.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const path = file('直す前.csv')
  await choose(path)
  await page.getByRole('heading', { name: '2 か所を直すと取り込めます' }).waitFor()
  const row = page.locator('.import-problems tbody tr').first()
  assert.match(await row.textContent(), /実績!C5.*約12件.*数値として読めません。.*「12」のように/)
  await screenshot(page, 'imports-problems')
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByRole('button', { name: '一覧をコピーする' }).click()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  assert.equal(copied.split('\n').length, 3)
  assert.match(copied, /^直す前\.csv\n- 実績!C5「約12件」 数値として読めません。 → 「12」のように/)
  const pdf = await page.pdf({ preferCSSPageSize: true })
  assert.equal(pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length, 1)
  isMended = true
  const waiting = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'ファイルを選び直す' }).click()
  file('直す前.csv', '項目コード,実績値\nuij-consult,13\n')
  await (await waiting).setFiles(path)
  await page.getByRole('heading', { name: /個の値が変わります/ }).waitFor()
  assert.match(sent[1].body, /13/)
  assert.deepEqual(tab.faults, [])
})

test('plain HTTP has no clipboard: the list is saved instead', async () => {
  const { tab, page, choose } = await visit({
    of: { ...demo, address: demo.address.replace('127.0.0.1', PLAIN_HOST) },
    expected: [/422 \(Unprocessable Entity\)/],
    reply: () => problem(422, 'invalid', [issue('unreadable_figure', 5, '約12件', '数値として読めません。')]),
  })
  await choose(file('10月.csv'))
  const waiting = page.waitForEvent('download')
  await page.getByRole('button', { name: '一覧を保存する' }).click()
  const download = await waiting
  assert.equal(download.suggestedFilename(), '10月.csv.txt')
  assert.match(readFileSync(await download.path(), 'utf8'), /実績!C5「約12件」/)
  assert.deepEqual(tab.faults, [])
})

test('refusals and a service that is away: in words, with a way on', async () => {
  let next
  const approved = row => ({ ...issue('month_approved', row, '12', '承認済みです。'), scorecard: own.id, month })
  const { tab, page, sent, choose } = await visit({
    expected: [/status of (409|413|415|503)|ERR_FAILED/],
    reply: () => next,
  })
  for (const [reply, said] of [
    [problem(409, 'month_approved', [approved(5), approved(6)]), /承認済みの月/],
    [problem(413, 'too_large'), /ファイルが大きすぎます/],
    [problem(415, 'unsupported_media_type'), /取り込めません/],
    [problem(503, 'unavailable', [], { title: '一時的に利用できません' }), /一時的に利用できません/],
  ]) {
    next = reply
    await choose(file('a.csv'))
    await page.getByRole('heading', { name: said }).waitFor()
    assert.ok((await page.locator('.import-problems tbody tr').count()) <= 1, 'a month is named once')
    assert.deepEqual(await accessibilityFaults(page), [])
  }
  // The service is back: the same file goes on.
  next = { json: answer() }
  await page.getByRole('button', { name: 'もう一度試す' }).click()
  await page.getByRole('heading', { name: /個の値が変わります/ }).waitFor()
  // Gone between looking and storing: nothing is lost, and the repetition has the same key.
  next = problem(503, 'unavailable', [], { title: '一時的に利用できません' })
  const take = page.getByRole('button', { name: '取り込む', exact: true })
  await take.click()
  await page.locator('.import-bar [role=alert]').getByText('一時的に利用できません').waitFor()
  next = { json: answer({ dry_run: false }) }
  await take.click()
  await page.getByRole('heading', { name: '取り込みました' }).waitFor()
  assert.equal(sent.at(-1).key, sent.at(-2).key)
  // Offline.
  await page.unroute('**/v1/imports?*')
  await page.route('**/v1/imports?*', route => route.abort())
  await choose(file('a.csv'))
  await page.getByRole('heading', { name: 'サーバーに接続できません' }).waitFor()
  assert.deepEqual(tab.faults, [])
})

test('a session that has ended asks to sign in, and comes back here', async () => {
  const { tab, page, choose } = await visit({
    expected: [/401 \(Unauthorized\)/],
    reply: () => problem(401, 'unauthenticated'),
  })
  await page.route('**/v1/auth/token', route => route.fulfill(problem(401, 'unauthenticated')))
  await choose(file('a.csv'))
  await page.getByLabel('パスワード').waitFor()
  assert.ok(page.url().endsWith('/imports'))
  assert.deepEqual(tab.faults, [])
})

test('what is there already is said, and nothing is offered', async () => {
  const { tab, page, choose } = await visit({
    language: 'en',
    reply: () => ({
      json: answer({ outcome: 'unchanged', cells: [], issues: [], counts: counts({ received: 31, unchanged: 31 }) }),
    }),
  })
  await choose(file('a.csv'))
  await page.getByRole('heading', { name: 'All of this is there already' }).waitFor()
  assert.equal(await page.getByRole('button', { name: 'Import', exact: true }).count(), 0)
  await page.locator('.import-places a').first().waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  assert.deepEqual(tab.faults, [])
})

test('options read the file again; an answer that comes late is passed over', async () => {
  const { tab, page, sent, choose } = await visit({
    path: `/imports?scorecard=${own.id}&month=${month}`,
    reply: async (asked, count) => {
      if (count === 1) await new Promise(resolve => setTimeout(resolve, 600))
      return { json: answer({ cells: asked.has('encoding') ? answer().cells.slice(0, 1) : answer().cells }) }
    },
  })
  await page.getByText(/取り込み先：人口関連政策との接続 令和\d+年\d+月/).waitFor()
  await choose(file('a.csv'))
  await page.locator('summary', { hasText: '読み取りの指定' }).click()
  await page.getByLabel('文字コード', { exact: true }).selectOption('cp932')
  await page.getByRole('heading', { name: '取り込むと 1 個の値が変わります' }).waitFor()
  await page.waitForTimeout(700)
  assert.equal(await page.getByRole('heading', { name: '取り込むと 1 個の値が変わります' }).count(), 1)
  assert.deepEqual(Object.fromEntries(sent[1].asked), {
    scorecard: own.id,
    month,
    encoding: 'cp932',
    dry_run: 'true',
  })
  await page.getByLabel('シート', { exact: true }).selectOption('実績')
  await page.getByRole('heading', { name: '取り込むと 1 個の値が変わります' }).waitFor()
  assert.equal(await page.getByLabel('シート', { exact: true }).inputValue(), '実績')
  assert.deepEqual(tab.faults, [])
})

test('unknown headings are explained once and kept for the hub', async () => {
  let mapping = {
    headings: { 備考欄: 'ignored' },
    items: {},
    updated_at: '2026-11-02T09:00:00+09:00',
    updated_by: '鳥取',
  }
  const puts = []
  const { tab, page, choose } = await visit({
    expected: [/422 \(Unprocessable Entity\)/],
    reply: (_, count) =>
      count > 1
        ? { json: answer() }
        : problem(422, 'invalid', [
            issue('unknown_heading', 3, '相談（銀行経由）', '見出しの意味がわかりません。'),
            issue('unknown_item', 9, '移住フェア', '項目が見つかりません。'),
          ]),
  })
  await page.route('**/v1/hubs/tottori/import-mapping', async route => {
    const request = route.request()
    if (request.method() === 'DELETE') {
      mapping = { headings: {}, items: {} }
      return route.fulfill({ status: 204 })
    }
    if (request.method() === 'PUT') {
      puts.push(request.postDataJSON())
      mapping = { ...mapping, ...request.postDataJSON() }
    }
    return route.fulfill({ json: mapping })
  })
  await choose(file('a.csv'))
  await page.getByLabel('「相談（銀行経由）」の意味').selectOption('heading:value')
  await page.getByRole('button', { name: 'この拠点の対応表として保存し、読み直す' }).waitFor()
  await screenshot(page, 'imports-mapping')
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByLabel('「移住フェア」の意味').selectOption('item:migration-fair')
  await page.getByRole('button', { name: 'この拠点の対応表として保存し、読み直す' }).click()
  await page.getByRole('heading', { name: /個の値が変わります/ }).waitFor()
  assert.deepEqual(puts, [
    { headings: { 備考欄: 'ignored', '相談（銀行経由）': 'value' }, items: { 移住フェア: 'migration-fair' } },
  ])
  await page.locator('summary', { hasText: 'の対応表' }).click()
  await page.getByRole('button', { name: '「備考欄」を削除' }).click()
  await page.getByRole('rowheader', { name: '備考欄' }).waitFor({ state: 'detached' })
  assert.deepEqual(Object.keys(puts[1].headings), ['相談（銀行経由）'])
  await screenshot(page, 'imports-mapping-saved')
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByRole('button', { name: 'すべて削除する' }).click()
  await page.getByText('保存した言葉はまだありません。').waitFor()
  assert.deepEqual(tab.faults, [])
})

test('a large import is drawn in parts, and everything fits a phone', async () => {
  const [cell] = answer().cells
  const cells = Array.from({ length: 10_000 }, (_, index) => ({
    ...cell,
    item: `item-${index}`,
    month: `20${20 + (index % 3)}-0${1 + (index % 8)}`,
    place: place(index + 4, `${index}`),
  }))
  for (const width of [390, 1280, 3840]) {
    const { tab, page, choose } = await visit({
      width,
      reply: () => ({ json: answer({ cells }) }),
    })
    const began = Date.now()
    await choose(file('a.csv'))
    await page.getByRole('heading', { name: '取り込むと 10,000 個の値が変わります' }).waitFor()
    if (width === 1280) console.log(`10,000 changes drawn in ${Date.now() - began} ms`)
    assert.ok((await overflow(page)) <= 0)
    assert.ok((await page.locator('.import-cells tbody tr').count()) < 2000)
    const rows = page.locator('.import-cells').first().locator('tbody tr')
    const before = await rows.count()
    await page
      .getByRole('button', { name: /残り [\d,]+ 個も表示する/ })
      .first()
      .click()
    assert.ok((await rows.count()) > before)
    await screenshot(page, `imports-large-${width}`, { fullPage: false })
    assert.deepEqual(tab.faults, [])
    await tab.context.close()
  }
  const { tab, page, choose } = await visit({ width: 390 })
  await choose(file('a.csv'))
  await page.getByRole('heading', { name: /個の値が変わります/ }).waitFor()
  await page.locator('summary', { hasText: '読み取った内容' }).click()
  await screenshot(page, 'imports-preview-390')
  assert.ok((await overflow(page)) <= 0)
  assert.deepEqual(await accessibilityFaults(page), [])
  assert.deepEqual(tab.faults, [])
})

test('who may not report does not import', async () => {
  for (const role of ['prefecture', 'viewer']) {
    const tab = await open(browser, demo)
    await signIn(tab, demo, role, '/imports')
    await tab.page.getByRole('heading', { name: '権限がありません' }).waitFor()
    assert.equal(await tab.page.getByRole('link', { name: 'Excel 取り込み' }).count(), 0)
    await tab.page.goto(`/scorecards/${own.id}`)
    await settled(tab.page)
    assert.equal(await tab.page.getByRole('link', { name: 'Excel・CSV を取り込む' }).count(), 0)
    assert.deepEqual(tab.faults, [])
    await tab.context.close()
  }
})

/** Chooses a file where nothing is answered in the place of the service. */
async function choose(page, path) {
  const waiting = page.waitForEvent('filechooser')
  await page.locator('#import-choose').click()
  await (await waiting).setFiles(path)
}

test('a hub saves the entry workbook, fills it in, looks at it, takes it in, and sees it', async () => {
  const tab = await open(browser, demo)
  const { page } = tab
  await signIn(tab, demo, 'hub', `/scorecards/${own.id}/actuals/${month}`)
  const save = async name => {
    const waiting = page.waitForEvent('download')
    await page.getByRole('button', { name }).click()
    const download = await waiting
    assert.match(download.suggestedFilename(), /\.(xlsx|csv)$/)
    return readFileSync(await download.path())
  }
  await page.locator('.downloads summary').click()
  const workbook = await save('入力用ブック')
  assert.ok((await save('月次報告')).length > 5000)
  await page.getByLabel('文字コード').selectOption('cp932')
  const csv = new TextDecoder('shift_jis').decode(await save('実績の CSV'))
  assert.match(csv, /^拠点コード,スコアカードキー,対象月,/)
  assert.ok(csv.includes(`tottori,challenge-population,${month},portal-posts,`))
  await page.getByRole('link', { name: 'Excel・CSV を取り込む' }).click()

  // What was saved says nothing new.
  await choose(page, file('入力.xlsx', workbook))
  await page.getByRole('heading', { name: 'この内容はすでに登録済みです' }).waitFor()

  await choose(page, file('入力.xlsx', typed(workbook, 'uij-consult', /^実績値$/, 7)))
  await page.getByRole('heading', { name: '取り込むと 1 個の値が変わります' }).waitFor()
  const cellsOf = async () => {
    const { months } = await demo.api('hub', `/v1/scorecards/${own.id}/actuals?from=${month}&to=${month}`)
    return months[0].cells.find(cell => cell.item === 'uij-consult')
  }
  assert.equal((await cellsOf()).state, 'not_reported', 'nothing is stored before it is taken in')
  assert.match(await page.locator('.import-cells tbody tr').textContent(), /uij-consult.*未報告.*7/)
  await page.locator('.changes li').first().waitFor()
  await screenshot(page, 'imports-real')
  await page.getByRole('button', { name: '取り込む', exact: true }).click()
  await page.getByRole('heading', { name: '取り込みました' }).waitFor()
  assert.equal((await cellsOf()).value, 7)
  await page.locator('.import-places a').nth(1).click()
  await page.locator('.entry').waitFor()
  assert.equal(await page.locator('#in-uij-consult-value').inputValue(), '7')
  assert.deepEqual(tab.faults, [])
})

test('a faulty table is refused by cell, mended, and its own headings are kept for the hub', async () => {
  const tab = await open(browser, demo, { expected: [/422 \(Unprocessable Entity\)|404 \(Not Found\)/] })
  const { page } = tab
  await signIn(tab, demo, 'hub', '/imports')
  const csv = figure => `項目名,当月の件数,対象月\r\n移住フェア,${figure},${month}\r\n`
  const path = file('独自.csv', csv('約3'))
  await choose(page, path)
  // The heading of the figures is not known: its meaning is chosen beside it.
  await page.getByLabel('「当月の件数」の意味').selectOption('heading:value')
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByRole('button', { name: 'この拠点の対応表として保存し、読み直す' }).click()
  // The file is read again, and asks which scorecard it is of, then for the next word.
  await page.getByText('どのスコアカードの値か分かりません。').waitFor()
  await page.getByLabel('スコアカード', { exact: true }).selectOption(own.id)
  await page.getByLabel('「移住フェア」の意味').selectOption('item:migration-fair')
  await page.getByRole('button', { name: 'この拠点の対応表として保存し、読み直す' }).click()
  const row = page.locator('.import-problems tbody tr')
  await row.getByText('約3', { exact: true }).waitFor()
  assert.match(await row.textContent(), /B2/)
  await screenshot(page, 'imports-real-problems')
  file('独自.csv', csv('３件'))
  await choose(page, path)
  await page.getByRole('heading', { name: '取り込むと 1 個の値が変わります' }).waitFor()
  await page.locator('summary', { hasText: '読み取った内容' }).click()
  await page.getByText('使いました').waitFor()
  await screenshot(page, 'imports-real-mapped')
  await page.locator('summary', { hasText: 'の対応表' }).click()
  await page.getByRole('button', { name: 'すべて削除する' }).click()
  await page.getByText('保存した言葉はまだありません。').waitFor()
  assert.deepEqual(tab.faults, [])
})
