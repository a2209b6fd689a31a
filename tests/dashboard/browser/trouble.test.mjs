// A slow service, a failing one, and two people at the same month; and a whole nation.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  accessibilityFaults,
  open,
  overflow,
  screenshot,
  settled,
  signIn,
  startBrowser,
  startDemo,
} from './support.mjs'

let demo
let browser
before(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), startBrowser()])
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

const card = async key => (await demo.api('hub', '/v1/overview')).scorecards.find(card => card.key === key)

test('a slow service says so, and a failing one what to do', async () => {
  const tab = await open(browser, demo, { expected: [/503|Failed to load resource/] })
  const { page } = tab
  await signIn(tab, demo, 'viewer', '/api-keys')
  await page.route('**/v1/overview', async route => {
    await new Promise(resolve => setTimeout(resolve, 800))
    await route.continue()
  })
  await page.locator('.brand').click()
  await page.locator('main [aria-busy=true]').waitFor()
  await page.locator('.heat').waitFor()
  await page.unroute('**/v1/overview')

  await page.route('**/v1/alerts*', route =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        type: 'x',
        title: '一時的に利用できません',
        status: 503,
        code: 'unavailable',
        detail: 'しばらく待ってください。',
        issues: [],
        request_id: 'abc',
      }),
    }),
  )
  await page.getByRole('link', { name: 'アラート' }).click()
  await page.getByRole('alert').getByText('一時的に利用できません').waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.unroute('**/v1/alerts*')
  await page.getByRole('button', { name: 'もう一度試す' }).click()
  await page.locator('.cards').waitFor()

  // Gone while somebody looks: what was there stays, with a word about its age.
  await page.route('**/v1/**', route => route.abort())
  await page.evaluate(() => {
    const now = Date.now
    Date.now = () => now() + 60_000
    document.dispatchEvent(new Event('visibilitychange'))
  })
  await page.locator('.stale').getByText('最新の状態を取得できません').waitFor()
  assert.ok((await page.locator('.cards tbody tr').count()) > 0)
  assert.deepEqual(tab.faults, [])
})

test('a new report shows without a reload', async () => {
  const own = await card('challenge-population')
  const tab = await open(browser, demo)
  const { page } = tab
  await signIn(tab, demo, 'hub', `/scorecards/${own.id}?month=${own.month}`)
  await page.locator('.facts').waitFor()
  const before = await page.locator('.map .item', { hasText: 'ポータルサイト' }).textContent()
  await demo.api('hub', `/v1/scorecards/${own.id}/actuals`, {
    method: 'POST',
    body: JSON.stringify({ month: own.month, values: [{ item: 'portal-posts', value: 5 }] }),
  })
  await page.evaluate(() => {
    const now = Date.now
    Date.now = () => now() + 60_000
    document.dispatchEvent(new Event('visibilitychange'))
  })
  await page.waitForFunction(
    text => [...document.querySelectorAll('.map .item')].every(item => item.textContent !== text),
    before,
  )
  assert.deepEqual(tab.faults, [])
})

test('two people enter the same month: the second is told, and loses nothing', async () => {
  const own = await card('challenge-population')
  const path = `/scorecards/${own.id}/actuals/${own.month}`
  const tab = await open(browser, demo, { expected: [/412|409/] })
  const { page } = tab
  await signIn(tab, demo, 'hub', path)
  await page.locator('#in-uij-turn-value').fill('1')
  await page.locator('#in-uij-consult-value').fill('15')
  const report = values =>
    demo.api('hub', `/v1/scorecards/${own.id}/actuals`, {
      method: 'POST',
      body: JSON.stringify({ month: own.month, values }),
    })
  await report([{ item: 'uij-consult', value: 12 }])
  await page.getByRole('button', { name: '内容を確かめる' }).click()
  await page.getByText('ほかの人がこのスコアカードを更新しました。').waitFor()
  await page.locator('#note-uij-consult').getByText('現在の値：12').waitFor()
  assert.equal(await page.locator('#in-uij-consult-value').inputValue(), '15')
  await screenshot(page, 'entry-conflict')
  await page.getByRole('button', { name: '内容を確かめる' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '送信する' }).click()
  await page.getByText('2 項目を送信しました。').waitFor()

  // Approved between the first key and the last.
  await page.locator('#in-uij-turn-value').fill('2')
  await demo.api('prefecture', `/v1/scorecards/${own.id}/months/${own.month}/approve`, { method: 'POST', body: '{}' })
  await page.getByRole('button', { name: '内容を確かめる' }).click()
  await page.getByText(/この月は承認されました。|ほかの人がこのスコアカードを更新しました。/).waitFor()
  assert.equal(await page.locator('#in-uij-turn-value').inputValue(), '2')
  await page.getByText('この月は承認されているため').waitFor()
  assert.deepEqual(tab.faults, [])
})

test('somebody who may only look gets a grid that cannot be typed into', async () => {
  const own = await card('challenge-population')
  const tab = await open(browser, demo)
  await signIn(tab, demo, 'viewer', `/scorecards/${own.id}/actuals/${own.month}`)
  assert.equal(await tab.page.locator('.entry input:not(:disabled)').count(), 0)
  assert.equal(await tab.page.getByRole('button', { name: '内容を確かめる' }).count(), 0)
  assert.deepEqual(tab.faults, [])
})

test('a nation of 47 prefectures with eight scorecards each', async () => {
  const overview = await demo.api('national', '/v1/overview')
  const templates = [...new Map(overview.scorecards.map(card => [card.template, card])).values()]
  const scorecards = Array.from({ length: 47 }, (_, index) => index + 1).flatMap(number =>
    templates.map((card, column) => ({
      ...card,
      id: `${number}-${card.template}`,
      prefecture: { code: String(number).padStart(2, '0'), name: { ja: `第${number}県`, en: `Prefecture ${number}` } },
      flag: ['none', 'none', 'amber', 'red', 'none'][(number + column) % 5],
    })),
  )
  assert.equal(scorecards.length, 47 * 8)
  for (const width of [390, 1280, 3840]) {
    const tab = await open(browser, demo, { width, height: width > 2000 ? 2160 : 900 })
    const { page } = tab
    await page.route('**/v1/overview', route => route.fulfill({ json: { ...overview, scorecards } }))
    await signIn(tab, demo, 'national')
    assert.equal(await page.locator('.heat-matrix tbody tr').count(), 47)
    assert.equal(await page.locator('.heat-matrix td.cell a').count(), 47 * 8)
    await screenshot(page, `nation-${width}`, { fullPage: width < 2000 })
    assert.ok((await overflow(page)) <= 0)
    if (width === 1280) {
      assert.deepEqual(await accessibilityFaults(page), [])
      const began = Date.now()
      await page.locator('.segments a').first().click()
      await page.locator('.heat:not(.heat-matrix)').waitFor()
      assert.equal(await page.locator('.heat tbody tr').count(), 47 * 8)
      console.log(`376 rows drawn in ${Date.now() - began} ms`)
    }
    assert.deepEqual(tab.faults, [])
    await tab.context.close()
  }
})

test('a scorecard prints on one page of A4, landscape', async () => {
  const { scorecards } = await demo.api('national', '/v1/overview')
  const tab = await open(browser, demo)
  const largest = scorecards.find(card => card.key === 'growth-tailored-support')
  await signIn(tab, demo, 'national', `/scorecards/${largest.id}/print`)
  const pdf = await tab.page.pdf({ preferCSSPageSize: true, printBackground: true })
  const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)
  assert.equal(pages?.length, 1)
  assert.deepEqual(tab.faults, [])
})

test('at 200 % zoom nothing is cut off', async () => {
  const own = await card('challenge-population')
  const tab = await open(browser, demo, { width: 640, height: 450 })
  await signIn(tab, demo, 'hub', `/scorecards/${own.id}`)
  assert.ok((await overflow(tab.page)) <= 0)
  await tab.page.goto(`/scorecards/${own.id}/actuals/${own.month}`)
  await settled(tab.page)
  assert.ok((await overflow(tab.page)) <= 0)
})
