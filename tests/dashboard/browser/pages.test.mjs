// What the pages offer beyond the monthly job: comments, the chart by keyboard, looking back,
// several months at once, lists to their end, new hubs and scorecards.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { accessibilityFaults, open, screenshot, settled, signIn, startBrowser, startDemo } from './support.mjs'

let demo
let browser
/** The prefecture's page, shared: it sees most, and signing in takes a while. */
let tab
let page
let own
const ITEM = 'uij-consult'
before(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), startBrowser()])
  const { scorecards } = await demo.api('hub', '/v1/overview')
  own = scorecards.find(card => card.key === 'challenge-population')
  tab = await open(browser, demo)
  page = tab.page
  await signIn(tab, demo, 'prefecture')
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

/** @param {string} month */
function monthBefore(month) {
  const [year, number] = month.split('-').map(Number)
  return number === 1 ? `${year - 1}-12` : `${year}-${String(number - 1).padStart(2, '0')}`
}

/** Inside of the page, as a link goes. */
async function visit(path, of = page) {
  await of.evaluate(path => {
    history.pushState(null, '', path)
    dispatchEvent(new PopStateEvent('popstate'))
  }, path)
  await settled(of)
}

test('a comment on an item: the draft survives, what is sent stands there for everybody', async () => {
  await visit(`/scorecards/${own.id}/items/${ITEM}`)
  const text = page.getByLabel('コメントを書く')
  await text.fill('<b>窓口</b>の人員が\n11月から増えます。')
  await visit('/alerts')
  await visit(`/scorecards/${own.id}/items/${ITEM}`)
  assert.equal(await text.inputValue(), '<b>窓口</b>の人員が\n11月から増えます。')
  await page.getByRole('button', { name: 'コメントを送る' }).click()
  await page.locator('.comment-text').waitFor()
  assert.equal(await page.locator('.comment-text').first().textContent(), '<b>窓口</b>の人員が\n11月から増えます。')
  assert.equal(await text.inputValue(), '')
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter(name => name.includes('draft'))), [])
  const { items } = await demo.api('viewer', `/v1/scorecards/${own.id}/comments?item=${ITEM}`)
  assert.equal(items.length, 1)
  assert.equal(items[0].month, own.month)
  // The month's page shows it, too, with the item's name.
  await visit(`/scorecards/${own.id}`)
  await page.locator('.comment .chip').waitFor()
  assert.deepEqual(tab.faults, [])
})

test('the chart by keyboard: one stop, and each month says what it is', async () => {
  await visit(`/scorecards/${own.id}/items/${ITEM}`)
  const chart = page.locator('svg.plan-actual')
  await chart.focus()
  const said = () => chart.getAttribute('aria-valuetext')
  await page.keyboard.press('Home')
  const first = await said()
  assert.match(first, /^令和\d+年4月、計画 /)
  await page.keyboard.press('ArrowRight')
  assert.match(await said(), /^令和\d+年5月、計画 /)
  await page.keyboard.press('End')
  assert.match(await said(), /^令和\d+年3月、/)
  await page.keyboard.press('ArrowLeft')
  const before = await said()
  assert.equal(await page.locator('.chart-readout').textContent(), before)
  // The month looked at stays, beside last year's figures.
  await page.getByRole('link', { name: '今年度と前年' }).click()
  await page.locator('.bar-last-year').first().waitFor({ state: 'attached' })
  assert.match(await said(), /^令和\d+年2月、/)
  await page.getByRole('heading', { name: '年度末の見通し' }).waitFor()
  assert.deepEqual(tab.faults, [])
})

test('percentages are those of the words beside them, which round nothing up', async () => {
  const { perspectives } = await demo.api('hub', `/v1/scorecards/${own.id}`)
  const items = perspectives.flatMap(({ steps }) => steps.flatMap(step => step.items))
  const scaled = ({ attainment }) => Math.round(attainment * 10_000)
  const item = items.find(item => scaled(item) % 100 > 50 && /（\d+％）/.test(item.reason.ja))
  const [, percent] = /（(\d+)％）/.exec(item.reason.ja)
  assert.equal(Number(percent), Math.floor(scaled(item) / 100))
  await visit(`/scorecards/${own.id}/items/${item.key}`)
  const fact = page.locator('.panel div').filter({ has: page.getByText('達成率', { exact: true }) })
  assert.equal(await fact.last().locator('dd').textContent(), `${percent}%`)
  assert.deepEqual(tab.faults, [])
})

test('where the target is passed, no pace is asked for', async () => {
  const json = await demo.api('hub', `/v1/scorecards/${own.id}/outlook`)
  const { outlook } = json.items.find(({ item }) => item === ITEM)
  await page.route('**/outlook?*', route => route.fulfill({ json }))
  for (const [given, words] of [
    [1.51, '1.6 倍'],
    [0, '目標にすでに届いています'],
    [-15.1, '目標をすでに超えています'],
  ]) {
    Object.assign(outlook, { kind: 'flow', required_factor: given })
    await visit('/')
    await visit(`/scorecards/${own.id}/items/${ITEM}`)
    await page.getByRole('heading', { name: '年度末の見通し' }).waitFor()
    const fact = page.locator('.panel div').filter({ has: page.getByText('計画に対する速さ', { exact: true }) })
    assert.equal(await fact.last().locator('dd').textContent(), words)
  }
  await page.unroute('**/outlook?*')
  assert.deepEqual(tab.faults, [])
})

test('looking back: the state of that day, marked, and nothing can be entered', async () => {
  const day = `${own.month}-20`
  await visit(`/scorecards/${own.id}?month=${monthBefore(own.month)}`)
  await page.getByText('過去の時点で見る').click()
  await page.getByLabel('日付').fill(day)
  await page.getByRole('button', { name: 'この日の時点で見る' }).click()
  await page.getByText('過去の表示').waitFor()
  assert.ok(page.url().includes(`known_at=${day}`))
  assert.equal(await page.getByLabel('コメントを書く').count(), 0)
  await page.getByRole('link', { name: '実績の入力' }).click()
  await page.locator('.entry').waitFor()
  await page.getByText('過去の表示').waitFor()
  assert.equal(await page.locator('.entry input:not(:disabled)').count(), 0)
  assert.equal(await page.getByRole('button', { name: /承認する|差し戻す|開く/ }).count(), 0)
  // Before the scorecard was there, there is a way back.
  tab.expected.push(/404 \(Not Found\)/)
  await visit(`/scorecards/${own.id}?known_at=2020-01-01`)
  await page.getByRole('link', { name: '現在の内容に戻る' }).click()
  await page.getByText('過去の時点で見る').waitFor()
  assert.deepEqual(tab.faults, [])
})

test('several months are approved at once, each with its result', async () => {
  await visit('/months')
  const rows = page.locator('.ticked input')
  assert.ok((await rows.count()) >= 2)
  await page.getByLabel('表示中のすべて').check()
  const count = await rows.count()
  await rows.first().uncheck()
  await page.getByRole('button', { name: `選んだ ${count - 1} 件を承認` }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('メモ').fill('確認しました。')
  await screenshot(page, 'months-many', { fullPage: false })
  await dialog.getByRole('button', { name: `${count - 1} 件を承認する` }).click()
  await dialog
    .getByText('承認しました。')
    .nth(count - 2)
    .waitFor()
  await dialog.locator('.actions').getByRole('button', { name: '閉じる' }).click()
  await page.waitForFunction(() => document.querySelectorAll('.ticked input').length === 1)
  const { items } = await demo.api('prefecture', '/v1/months?state=open')
  assert.equal(items.length, 1)
  await page.getByRole('link', { name: '承認済み' }).click()
  await page.getByText('確認しました。').first().waitFor()
  assert.deepEqual(tab.faults, [])
})

test('a long list goes on to its end, and the reader stays where they are', async () => {
  const {
    items: [alert],
  } = await demo.api('national', '/v1/alerts?limit=1')
  await page.route('**/v1/alerts?*', async route => {
    const start = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0)
    const items = Array.from({ length: Math.min(100, 230 - start) }, (_, index) => ({
      ...alert,
      id: `alert-${start + index}`,
      item_name: { ja: `項目 ${start + index}`, en: `Item ${start + index}` },
    }))
    await route.fulfill({ json: { items, next_cursor: start + 100 < 230 ? String(start + 100) : null } })
  })
  await visit('/alerts')
  const rows = page.locator('tbody tr')
  for (const expected of [200, 230]) {
    const more = page.getByRole('button', { name: 'さらに表示する' })
    await more.scrollIntoViewIfNeeded()
    const before = await page.evaluate(() => window.scrollY)
    await more.focus()
    await page.keyboard.press('Enter')
    await page.waitForFunction(count => document.querySelectorAll('tbody tr').length === count, expected)
    await page.waitForFunction(() => document.activeElement?.tagName === 'TR')
    assert.equal(await page.evaluate(() => window.scrollY), before)
  }
  assert.equal(await page.getByRole('button', { name: 'さらに表示する' }).count(), 0)
  assert.equal(await rows.last().locator('th a').textContent(), '項目 229')
  await page.unroute('**/v1/alerts?*')
  assert.deepEqual(tab.faults, [])
})

test('the national office adds a prefecture and a hub, and gives it a scorecard', async () => {
  const nation = await open(browser, demo, { expected: [/422 \(Unprocessable Entity\)/] })
  const { page } = nation
  await signIn(nation, demo, 'national', '/prefectures')
  await page.getByRole('button', { name: '道府県を追加' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('道府県').selectOption('39')
  await dialog.getByLabel('市場類型').selectOption('mature')
  await dialog.getByRole('button', { name: '道府県を追加' }).click()
  await page
    .getByRole('row', { name: /高知県/ })
    .getByRole('link')
    .click()
  await page.getByRole('button', { name: '拠点を追加' }).click()
  await dialog.getByLabel('名称（日本語）').fill('高知県プロフェッショナル人材戦略拠点')
  await dialog.getByLabel('名称（英語）').fill('Kochi hub')
  await dialog.getByLabel('拠点コード').fill('高知')
  await dialog.getByRole('button', { name: '拠点を追加' }).click()
  await dialog.locator('[aria-invalid="true"]').waitFor()
  await dialog.getByLabel('拠点コード').fill('kochi')
  await dialog.getByRole('button', { name: '拠点を追加' }).click()
  await page.getByRole('link', { name: /スコアカードを作る/ }).click()
  await page.getByLabel('スキーム').selectOption('mature-external-funding')
  await page.getByLabel(/年間運営費/).fill('３０，０００，０００円')
  await page.getByText('= 3,000万円').waitFor()
  await screenshot(page, 'new-scorecard-filled')
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByRole('button', { name: '作成する' }).click()
  await page.getByRole('heading', { name: /を作成しました/ }).waitFor()
  await screenshot(page, 'new-scorecard-made')
  await page.getByRole('link', { name: 'スコアカードを開く' }).click()
  await page.locator('.map').waitFor()
  const { items } = await demo.api('national', '/v1/scorecards?hub=kochi')
  assert.equal(items.length, 1)
  const plan = await demo.api('national', `/v1/scorecards/${items[0].id}/plan`)
  assert.equal(plan.parameters.operating_cost, 30_000_000)
  // All of it stands in the audit.
  await visit('/audit', page)
  await page.getByText('スコアカードの作成').first().waitFor()
  assert.deepEqual(nation.faults, [])
})
