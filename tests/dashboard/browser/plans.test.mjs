// Plans revised, from an alert to a new preparation; and what would be, if.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { open, screenshot, settled, signIn, startBrowser, startDemo } from './support.mjs'

let demo
let browser
/** The hub's scorecard that turns red, its alert, and one with a funnel up to revenue. */
let own
let alert
let funnel
before(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), startBrowser()])
  const { scorecards } = await demo.api('national', '/v1/overview')
  own = scorecards.find(card => card.hub.code === 'tottori' && card.key === 'challenge-population')
  funnel = scorecards.find(card => card.hub.code === 'shizuoka' && card.key === 'mature-hard-to-fill')
  await demo.api('hub', `/v1/scorecards/${own.id}/actuals`, {
    method: 'POST',
    body: JSON.stringify({ month: own.month, values: [{ item: 'uij-consult', value: 0 }] }),
  })
  const { items } = await demo.api('hub', `/v1/alerts?scorecard=${own.id}&item=uij-consult&state=open`)
  alert = items[0]
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

const base = () => `/v1/scorecards/${own.id}`
const propose = changes =>
  demo.api('hub', `${base()}/revisions`, {
    method: 'POST',
    body: JSON.stringify({ effective_month: '2026-12', reason: '年度後半の計画を見直すため', changes }),
  })
const newTarget = value => ({
  op: 'change',
  kind: 'item',
  key: 'portal-posts',
  after: { targets: [{ year: 3, value }] },
})

test('a hub plans a countermeasure for an alert; the prefecture approves it and marks the alert', async () => {
  const tab = await open(browser, demo, { expected: [/422/] })
  const { page } = tab
  await signIn(tab, demo, 'hub', `/alerts/${alert.id}`)
  await page.getByRole('link', { name: '対策を計画する' }).click()
  await page.getByRole('heading', { name: 'きっかけのアラート' }).waitFor()
  const check = page.getByRole('button', { name: '内容を確かめる' })
  assert.ok(await check.isDisabled(), 'nothing is changed yet')
  await page.getByRole('button', { name: '準備の項目を加える' }).click()
  await page.getByLabel('取組の名称').fill('相談会の運営手順の型化')
  assert.equal(await page.getByLabel('どの項目を支える準備ですか').inputValue(), 'uij-consult')
  await page.locator('summary[data-focus="item/uij-consult"]').click()
  await page.locator('[name="item/uij-consult/target.3"]').fill('12.5')
  await page.locator('summary[data-focus="setting"]').click()
  await page.locator('[name="setting/on_track_at"]').fill('120')
  await check.click()
  const faultAt = place => page.locator(`[name="${place}"][aria-invalid="true"] ~ .field-error`).textContent()
  assert.match((await faultAt('reason')) ?? '', /入力してください/)
  assert.match((await faultAt('setting/on_track_at')) ?? '', /1 以下/)
  await page.locator('[name="setting/on_track_at"]').fill('95')
  await page.getByLabel('理由').fill('相談会の手順が担当者ごとに違うため')
  await check.click()
  assert.match((await faultAt('item/uij-consult/target.3')) ?? '', /整数/)
  await page.locator('[name="item/uij-consult/target.3"]').fill('１６０')
  // What is typed survives a reload, on this device only.
  await page.reload()
  await settled(page)
  assert.equal(await page.getByLabel('取組の名称').inputValue(), '相談会の運営手順の型化')
  await check.click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('row', { name: /3年目（令和8年度）の目標 150人 160人/ }).waitFor()
  await dialog.getByText('計画転換率').or(dialog.getByText('項目の追加')).first().waitFor()
  assert.equal((await demo.api('hub', `${base()}/revisions`)).items.length, 0, 'nothing is stored before it is sent')
  await dialog.getByRole('button', { name: '提案する' }).click()
  await page.getByText('決定待ち').waitFor()
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter(name => name.includes('draft'))), [])
  assert.equal(await page.getByRole('button', { name: '承認する' }).count(), 0, 'a hub does not decide')

  const other = await open(browser, demo)
  await signIn(other, demo, 'prefecture', `/scorecards/${own.id}/revisions`)
  await other.page.getByText('決定を待っている提案が 1 件').waitFor()
  await other.page.getByRole('link', { name: '第 2 版' }).first().click()
  await other.page.getByRole('row', { name: /3年目（令和8年度）の目標 150人 160人/ }).waitFor()
  await screenshot(other.page, 'revision-proposed')
  await other.page.getByRole('button', { name: '承認する' }).click()
  await other.page.getByRole('dialog').getByRole('button', { name: '承認する' }).click()
  await other.page.locator('.item-title').getByText('適用').waitFor()
  const plan = await demo.api('prefecture', `${base()}/plan?version=2`)
  assert.ok(plan.items.some(item => item.name.ja === '相談会の運営手順の型化'))

  await other.page.getByRole('link', { name: alert.item_name.ja }).click()
  await other.page.getByRole('button', { name: '対応済みにする' }).click()
  await other.page.getByLabel('見直しの結論').fill('新しい手順で次の相談会を開く。')
  await other.page.getByRole('dialog').getByRole('button', { name: '対応済みにする' }).click()
  await other.page.getByRole('link', { name: /第2版で対応/ }).waitFor()
  assert.ok((await demo.api('prefecture', `/v1/alerts/${alert.id}`)).handled)
  await Promise.all([tab.context.close(), other.context.close()])
  assert.deepEqual([...tab.faults, ...other.faults], [])
})

test('a prefecture rejects with a note, is told who was faster, and what no longer fits', async () => {
  const [first, second, third] = [
    await propose([newTarget(20)]),
    await propose([newTarget(24)]),
    await propose([newTarget(30)]),
  ]
  const tab = await open(browser, demo, { expected: [/409/] })
  const { page } = tab
  await signIn(tab, demo, 'prefecture', `/scorecards/${own.id}/revisions/${first.version}`)
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: '却下する' }).click()
  await dialog.getByRole('button', { name: '却下する' }).click()
  await dialog.getByText('入力してください。').waitFor()
  await dialog.getByLabel('コメント').fill('先に投稿の型を見直してください。')
  await dialog.getByRole('button', { name: '却下する' }).click()
  await page.getByText('先に投稿の型を見直してください。').waitFor()
  await page.getByRole('link', { name: 'この内容でもう一度提案する' }).waitFor()

  // Somebody else decides while the page is open.
  await page.goto(`/scorecards/${own.id}/revisions/${second.version}`)
  await page.getByRole('button', { name: '承認する' }).click()
  await demo.api('prefecture', `${base()}/revisions/${second.version}/approve`, { method: 'POST', body: '{}' })
  await dialog.getByRole('button', { name: '承認する' }).click()
  await dialog.getByText('決定済みの改定です').waitFor()
  await page.keyboard.press('Escape')
  await page.locator('.item-title').getByText('適用').waitFor()

  // The third changes what the second has changed meanwhile: proposed again, it is typed over the plan as it is now.
  await page.goto(`/scorecards/${own.id}/revisions/${third.version}`)
  await page.getByText('このままでは適用できません').waitFor()
  await page.getByRole('button', { name: '承認する' }).click()
  await dialog.getByRole('button', { name: '承認する' }).click()
  await dialog.getByText('もう一度提案してください').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'この内容でもう一度提案する' }).click()
  await page.locator('[name="item/portal-posts/target.3"]').waitFor()
  assert.equal(await page.locator('[name="item/portal-posts/target.3"]').inputValue(), '30')
  await page.getByRole('button', { name: '内容を確かめる' }).click()
  await dialog.getByRole('row', { name: /の目標 24本 30本/ }).waitFor()
  await dialog.getByRole('button', { name: '入力に戻る' }).click()
  await page.getByRole('button', { name: '入力を取り消す' }).click()

  await page.goto(`/scorecards/${own.id}/plan/diff?from=1&to=${second.version}`)
  await page.getByRole('row', { name: /の目標 12本 24本/ }).waitFor()
  await tab.context.close()
  assert.deepEqual(tab.faults, [])
})

test('sliders change what would be, by keyboard, for whoever has the address, and nothing else', async () => {
  const tab = await open(browser, demo)
  const { page } = tab
  await signIn(tab, demo, 'national', `/scorecards/${funnel.id}/what-if`)
  const { revision } = await demo.api('national', `/v1/scorecards/${funnel.id}`)
  const headline = page.locator('.what-if-headline')
  await headline.getByText('→').waitFor()
  const before = await headline.textContent()
  const rate = page.getByRole('slider', { name: '転換率（残りの月） セミナー参加企業 → セミナー経由の相談' })
  await rate.focus()
  await page.keyboard.press('ArrowRight')
  assert.match((await rate.getAttribute('aria-valuetext')) ?? '', /%/)
  await page.getByRole('textbox', { name: '毎月の量（残りの月） セミナー参加企業' }).fill('20')
  await page.locator('summary[data-focus="target"]').click()
  await page.getByRole('textbox', { name: /^年間の目標.* セミナー経由の相談$/ }).fill('25')
  await page
    .getByRole('row', { name: /セミナー参加企業/ })
    .filter({ hasText: '達成の見込み 100%' })
    .waitFor()
  const after = await headline.textContent()
  assert.notEqual(after, before)
  assert.match(page.url(), /volume\.seminar-companies=20/)
  await page.getByText('状況が変わる項目', { exact: true }).waitFor()
  await page.reload()
  await settled(page)
  await headline.getByText('→').waitFor()
  assert.equal(await headline.textContent(), after)
  assert.equal((await demo.api('national', `/v1/scorecards/${funnel.id}`)).revision, revision, 'nothing is stored')

  await page.getByRole('link', { name: 'これを改定として提案する' }).click()
  await page.locator('[name="item/consult-seminar/target.3"]').waitFor()
  assert.equal(await page.locator('[name="item/consult-seminar/target.3"]').inputValue(), '25')
  assert.match(await page.getByLabel('理由').inputValue(), /セミナー参加企業」を月 20社/)
  await page.goBack()
  await page.getByRole('button', { name: 'すべて元に戻す' }).click()
  await headline.getByText(before ?? '').waitFor()
  assert.equal(new URL(page.url()).search, '')
  await tab.context.close()
  assert.deepEqual(tab.faults, [])
})
