// The monthly job of each role, from sign-in to done.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { open, screenshot, settled, signIn, startBrowser, startDemo } from './support.mjs'

let demo
let browser
/** The scorecard whose last month the demo leaves unfinished, and that month. */
let own
let month
before(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), startBrowser()])
  const { scorecards } = await demo.api('hub', '/v1/overview')
  own = scorecards.find(card => card.key === 'challenge-population')
  month = own.month
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

const cellsOf = async (item, of = month) => {
  const { months } = await demo.api('hub', `/v1/scorecards/${own.id}/actuals?from=${of}&to=${of}`)
  return months[0].cells.find(cell => cell.item === item)
}

test('a hub enters what is missing, checks it, sends it, and sees what turned red', async () => {
  const tab = await open(browser, demo)
  const { page } = tab
  await signIn(tab, demo, 'hub')
  await page.locator('.tasks a').nth(1).click()
  await page.locator('.entry').waitFor()
  const consult = page.locator('#in-uij-consult-value')
  await consult.fill('１２.5人')
  await page.getByText('整数で入力してください。').waitFor()
  await consult.fill('２人')
  assert.equal(await page.locator('#note-uij-consult .field-error').count(), 0)
  await page.keyboard.press('Enter')
  await page.keyboard.type('0')
  // What is typed survives a reload, on this device only.
  await page.reload()
  await settled(page)
  assert.equal(await page.locator('#in-uij-turn-value').inputValue(), '0')
  await page.getByRole('button', { name: '内容を確かめる' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('すべてそろいます').waitFor()
  await dialog.locator('.changes .tone-red').first().waitFor()
  assert.equal((await cellsOf('uij-consult')).state, 'not_reported', 'nothing is stored before it is sent')
  await screenshot(page, 'entry-preview', { fullPage: false })
  await dialog.getByRole('button', { name: '送信する' }).click()
  await page.getByText('2 項目を送信しました。').waitFor()
  assert.equal((await cellsOf('uij-consult')).value, 2)
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter(name => name.includes('draft'))), [])
  await page.getByRole('link', { name: '戦略マップ' }).click()
  await page.locator('.cause.tone-edge-red').first().waitFor()
  await page.locator('.link-on').first().waitFor({ state: 'attached' })
  assert.deepEqual(tab.faults, [])
})

test('a column from Excel goes in where the cursor is, or by name', async () => {
  const tab = await open(browser, demo)
  const { page } = tab
  await tab.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await signIn(tab, demo, 'hub', `/scorecards/${own.id}/actuals/${month}`)
  await page.locator('#in-portal-posts-value').focus()
  await page.evaluate(() => navigator.clipboard.writeText('3\r\n1,200\r\n\r\n'))
  await page.keyboard.press('Control+V')
  assert.equal(await page.locator('#in-portal-posts-value').inputValue(), '3')
  assert.equal(await page.locator('#in-outreach-desk-value').inputValue(), '1,200')
  await page.evaluate(() => navigator.clipboard.writeText('移住フェアでの情報発信\t1\nnewsletter\t4\n'))
  await page.keyboard.press('Control+V')
  assert.equal(await page.locator('#in-migration-fair-value').inputValue(), '1')
  assert.equal(await page.locator('#in-newsletter-value').inputValue(), '4')
  await page.getByRole('button', { name: '入力を取り消す' }).click()
  assert.notEqual(await page.locator('#in-newsletter-value').inputValue(), '4')
  assert.deepEqual(tab.faults, [])
})

test('a prefecture returns and approves a month, and answers an alert', async () => {
  const tab = await open(browser, demo)
  const { page } = tab
  await signIn(tab, demo, 'prefecture', '/months')
  const row = page.getByRole('row').filter({ has: page.locator(`a[href="/scorecards/${own.id}/actuals/${month}"]`) })
  await row.getByRole('button', { name: '差し戻す' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '差し戻す' }).click()
  await page.getByText('入力してください。').waitFor()
  await page.getByLabel('直してほしい点').fill('相談の件数を確かめてください。')
  await page.getByRole('dialog').getByRole('button', { name: '差し戻す' }).click()
  await row.waitFor({ state: 'detached' })
  await page.getByRole('link', { name: '差し戻し中' }).click()
  await row.getByText('相談の件数を確かめてください。').waitFor()
  await row.getByRole('button', { name: '承認する' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '承認する' }).click()
  await row.waitFor({ state: 'detached' })
  const { months } = await demo.api('prefecture', `/v1/scorecards/${own.id}/actuals?from=${month}&to=${month}`)
  assert.equal(months[0].state, 'approved')

  await page.getByRole('link', { name: 'アラート' }).click()
  await page.locator('.cards tbody a').first().click()
  await page.getByRole('button', { name: '対応を記録する' }).click()
  await page.getByLabel('原因').fill('担当者の交代で準備が止まった。')
  await page.getByLabel('取り組むこと').fill('月内に手順をまとめる。')
  await page.getByLabel('担当者').fill('佐藤')
  await page.getByRole('dialog').getByRole('button', { name: '対応を記録する' }).click()
  await page.getByRole('heading', { name: '対応' }).waitFor()
  await page.getByText('月内に手順をまとめる。').first().waitFor()
  assert.deepEqual(tab.faults, [])
})

test('the national office finds the worst, and what stands behind it, by keyboard alone', async () => {
  const tab = await open(browser, demo, { language: 'en' })
  const { page } = tab
  await signIn(tab, demo, 'national', '/?sort=worst')
  const first = page.locator('.heat tbody tr').first()
  await first.locator('.tone-red').first().waitFor()
  await first.locator('a').focus()
  await page.keyboard.press('Enter')
  await page.locator('.map').waitFor()
  await page.locator('.map .item.tone-edge-red').first().focus()
  assert.ok((await page.locator('.map .item.lit').count()) > 0, 'the way to the cause is lit')
  await page.keyboard.press('Enter')
  await page.locator('.plan-actual').waitFor()
  await page.getByText('Show the figures as a table').focus()
  await page.keyboard.press('Enter')
  await page.getByRole('columnheader', { name: 'In the month' }).waitFor()
  assert.deepEqual(tab.faults, [])
})

test('an operator opens an account; a viewer makes a key and revokes it', async () => {
  const tab = await open(browser, demo)
  const { page } = tab
  await signIn(tab, demo, 'operator')
  await page.getByRole('button', { name: 'アカウントを追加' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('氏名').fill('新任 花子')
  await dialog.getByLabel('メールアドレス').fill('hanako@example.jp')
  await dialog.getByLabel('パスワード').fill('a long enough password')
  await dialog.getByLabel('拠点コード').fill('nowhere')
  await dialog.getByRole('button', { name: 'アカウントを追加' }).click()
  await dialog.locator('.field-error:not(:empty), .message p').first().waitFor()
  await dialog.getByLabel('拠点コード').fill('tottori')
  await dialog.getByRole('button', { name: 'アカウントを追加' }).click()
  await page.getByRole('rowheader', { name: '新任 花子' }).waitFor()

  const viewer = await open(browser, demo)
  await signIn(viewer, demo, 'viewer', '/api-keys')
  await viewer.page.getByRole('button', { name: 'キーを作る' }).click()
  await viewer.page.getByRole('dialog').getByLabel('名称').fill('Grafana')
  await viewer.page.getByRole('dialog').getByRole('button', { name: 'キーを作る' }).click()
  const secret = await viewer.page.locator('.secret').textContent()
  assert.match(secret ?? '', /^shk_/)
  await viewer.page.keyboard.press('Escape')
  await viewer.page.getByRole('button', { name: '失効させる Grafana' }).click()
  await viewer.page.getByRole('dialog').getByRole('button', { name: '失効させる' }).click()
  await viewer.page.getByRole('rowheader', { name: 'Grafana' }).waitFor({ state: 'detached' })
  assert.deepEqual(viewer.faults, [])
  assert.deepEqual(
    tab.faults.filter(fault => !/422/.test(fault)),
    [],
  )
})

test('a prefecture adds a destination, tries it, and sees what became of it', async () => {
  const tab = await open(browser, demo)
  const { page } = tab
  await signIn(tab, demo, 'prefecture', '/subscriptions')
  await page.getByRole('button', { name: '通知先を追加' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('名称').fill('担当課のチャット')
  await dialog.getByLabel('送り方').selectOption('webhook')
  await dialog.getByLabel('送信先の URL').fill('https://receiver.example.jp/notices')
  await dialog.getByRole('button', { name: '通知先を追加' }).click()
  await page.locator('.secret').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: '担当課のチャット' }).click()
  await page.getByRole('button', { name: 'テスト送信' }).click()
  await page.getByRole('rowheader').first().waitFor()
  await page.getByRole('button', { name: '削除する' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '削除する' }).click()
  await page.getByRole('button', { name: '通知先を追加' }).waitFor()
  assert.equal(await page.getByRole('link', { name: '担当課のチャット' }).count(), 0)
  assert.deepEqual(tab.faults, [])
})
