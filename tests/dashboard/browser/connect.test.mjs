// Connecting other tools, and saving files: what is pasted elsewhere works, and what is saved is
// what the service gave.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { accessibilityFaults, open, screenshot, settled, signIn, startBrowser, startDemo } from './support.mjs'

const DOCS = new URL('../../../docs/', import.meta.url)
const EXAMPLE = 'https://shirube.example'
const guide = name => readFileSync(fileURLToPath(new URL(name, DOCS)), 'utf8')

let demo
let browser
let own
before(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), startBrowser()])
  const { scorecards } = await demo.api('hub', '/v1/overview')
  own = scorecards.find(card => card.key === 'challenge-population')
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

test('the page gives what the guides say, with the address of this server', async () => {
  const tab = await open(browser, demo)
  const { page } = tab
  await tab.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await signIn(tab, demo, 'viewer', '/api-keys')
  await page.getByRole('link', { name: 'ほかのツールとの接続' }).click()
  await page.getByRole('heading', { name: 'Google スプレッドシート' }).waitFor()
  const given = await page.locator('.snippet').allTextContents()
  for (const name of ['facts.md', 'facts.ja.md']) {
    const blocks = [...guide(name).matchAll(/```\w*\n([\s\S]*?)\n```/g)].map(([, block]) =>
      block.replaceAll(EXAMPLE, demo.address),
    )
    assert.ok(blocks.length >= 5, `${name} has ${blocks.length} blocks`)
    for (const block of blocks) assert.ok(given.includes(block), `${name}: ${block}`)
  }
  // The file without the comment at its head.
  const source = guide('grafana/datasource.yaml')
    .replace(/^(#.*\n)+/, '')
    .trimEnd()
  assert.ok(given.includes(source.replaceAll(EXAMPLE, demo.address)))
  const asked = [...guide('facts.md').matchAll(/`(\/v1\/(?:facts|alerts)\?[^`]+&limit=[^`]+)`/g)].map(
    ([, path]) => path,
  )
  assert.ok(given.includes(asked.map(path => demo.address + path).join('\n')))
  await page.getByRole('button', { name: 'コピーする' }).first().click()
  assert.equal((await page.evaluate(() => navigator.clipboard.readText())).replaceAll('\r', ''), given[0])
  await page.locator('.foldable').evaluateAll(all => all.forEach(one => one.setAttribute('open', '')))
  await screenshot(page, 'connect')
  assert.deepEqual(await accessibilityFaults(page), [])
  assert.deepEqual(tab.faults, [])
})

test('a key and a link that read, shown once, listed and revoked', async () => {
  const tab = await open(browser, demo)
  const { page } = tab
  await signIn(tab, demo, 'hub', '/connect')
  const secret = page.locator('.secret')
  await page.getByRole('button', { name: '閲覧用のキーを作る' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '閲覧用のキーを作る' }).click()
  const key = await secret.textContent()
  const read = async (path, init) => await fetch(new URL(path, demo.address), init)
  assert.equal((await read('/v1/facts?limit=1', { headers: { 'X-API-Key': key } })).status, 200)
  const report = { method: 'POST', headers: { 'X-API-Key': key, 'Content-Type': 'application/json' }, body: '{}' }
  assert.equal((await read(`/v1/scorecards/${own.id}/actuals`, report)).status, 403)
  await page.getByRole('dialog').locator('.actions').getByRole('button', { name: '閉じる' }).click()

  await page.getByRole('button', { name: '閲覧専用リンクを作る' }).click()
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByRole('dialog').getByRole('button', { name: '閲覧専用リンクを作る' }).click()
  const formula = await secret.textContent()
  const [, link] = /^=IMPORTDATA\("(.+)"\)$/.exec(formula)
  const rows = await (await read(link)).text()
  assert.match(rows, /^scorecard,/)
  assert.ok(rows.split('\r\n').length > 10)
  await page.getByRole('dialog').locator('.actions').getByRole('button', { name: '閉じる' }).click()
  await page.getByRole('rowheader', { name: 'Google Sheets' }).waitFor()
  await screenshot(page, 'connect-links')
  await page.reload()
  await settled(page)
  assert.doesNotMatch(await page.locator('main').textContent(), /shl_(?!your-link)|shk_/)
  await page.getByRole('button', { name: '失効させる Google Sheets' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '失効させる' }).click()
  await page.getByRole('rowheader', { name: 'Google Sheets' }).waitFor({ state: 'detached' })
  assert.equal((await read(link)).status, 401)
  assert.deepEqual(tab.faults, [])
})

/** Waits for a file that the browser saves. */
async function saved(page, act) {
  const waiting = page.waitForEvent('download')
  await act()
  const download = await waiting
  return { name: download.suggestedFilename(), content: readFileSync(await download.path()) }
}

test('files are saved under the name that the service gives, and a failure is said in words', async () => {
  const tab = await open(browser, demo, { expected: [/status of 503/] })
  const { page } = tab
  const asked = []
  let isAway = false
  await page.route(/\/v1\/scorecards\/[^/]+\/(workbook\.xlsx|report\.xlsx|actuals\.csv)/, async route => {
    const url = new URL(route.request().url())
    asked.push([url.pathname.split('/').at(-1), url.search, /^Bearer /.test(route.request().headers().authorization)])
    await new Promise(resolve => setTimeout(resolve, 200))
    await route.fulfill(
      isAway
        ? {
            status: 503,
            contentType: 'application/problem+json',
            body: JSON.stringify({ title: '一時的に利用できません', detail: 'お待ちください。', issues: [] }),
          }
        : {
            body: 'content',
            contentType: 'application/octet-stream',
            headers: {
              'Content-Disposition': `attachment; filename="entry.xlsx"; filename*=UTF-8''${encodeURIComponent('入力 10月.xlsx')}`,
              'Unmappable-Characters': '2',
            },
          },
    )
  })
  await signIn(tab, demo, 'hub', `/scorecards/${own.id}?month=${own.month}`)
  await page.locator('.downloads summary').click()
  await page.getByRole('button', { name: '入力用ブック' }).waitFor()
  await screenshot(page, 'downloads', { fullPage: false })
  assert.deepEqual(await accessibilityFaults(page), [])
  const file = await saved(page, async () => {
    await page.getByRole('button', { name: '入力用ブック' }).click()
    await page.getByRole('button', { name: '作成しています…' }).waitFor()
  })
  assert.equal(file.name, '入力 10月.xlsx')
  assert.equal(file.content.toString(), 'content')
  await page.getByRole('button', { name: '月次報告' }).click()
  await page.getByLabel('文字コード').selectOption('cp932')
  await saved(page, () => page.getByRole('button', { name: '実績の CSV' }).click())
  await page.getByText('2 文字を「〓」にしました。').first().waitFor()
  isAway = true
  await page.getByRole('button', { name: '月次報告' }).click()
  await page.locator('.downloads [role=alert]').getByText('一時的に利用できません').waitFor()
  assert.deepEqual(asked, [
    ['workbook.xlsx', `?month=${own.month}`, true],
    ['report.xlsx', `?month=${own.month}`, true],
    ['actuals.csv', '?encoding=cp932', true],
    ['report.xlsx', `?month=${own.month}`, true],
  ])
  await page.keyboard.press('Escape')
  assert.equal(await page.locator('.downloads').getAttribute('open'), null)
  await page.locator('.downloads summary').click()
  await page.getByRole('link', { name: 'Excel・CSV を取り込む' }).click()
  await page.getByRole('heading', { name: 'Excel・CSV の取り込み' }).waitFor()
  assert.ok(page.url().endsWith(`/imports?scorecard=${own.id}&month=${own.month}`))
  await page.goto(`/scorecards/${own.id}/actuals/${own.month}`)
  await settled(page)
  await page.locator('.downloads summary').click()
  await page.getByRole('button', { name: '入力用ブック' }).waitFor()
  assert.deepEqual(tab.faults, [])
})

test('the menu of files fits a phone', async () => {
  const tab = await open(browser, demo, { width: 390, height: 844 })
  const { page } = tab
  await signIn(tab, demo, 'hub', `/scorecards/${own.id}/actuals/${own.month}`)
  await page.locator('.downloads summary').click()
  const box = await page.locator('.downloads .menu-body').boundingBox()
  assert.ok(box.x >= 0 && box.x + box.width <= 390, JSON.stringify(box))
  await screenshot(page, 'downloads-390', { fullPage: false })
  assert.deepEqual(await accessibilityFaults(page), [])
  assert.deepEqual(tab.faults, [])
})

test('where the past is shown, nothing is offered to be filled in', async () => {
  const tab = await open(browser, demo)
  const { page } = tab
  await signIn(tab, demo, 'hub', `/scorecards/${own.id}?known_at=${own.month}-20`)
  await page.locator('.downloads summary').click()
  await page.getByRole('button', { name: '月次報告' }).waitFor()
  assert.equal(await page.getByRole('button', { name: '入力用ブック' }).count(), 0)
  assert.equal(await page.getByRole('link', { name: 'Excel・CSV を取り込む' }).count(), 0)
  assert.deepEqual(tab.faults, [])
})
