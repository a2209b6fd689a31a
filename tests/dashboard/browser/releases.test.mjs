// A page for everybody, from its making to its end: made by a prefecture, read by people
// who have never signed in, and gone when the prefecture says so.

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

/** Everything that is wrong with what a page shows. */
async function faultsOf(tab, name) {
  const { page } = tab
  await screenshot(page, name)
  const wide = await overflow(page)
  return [...(await accessibilityFaults(page)), ...(wide > 0 ? [`${wide} pixels too wide`] : []), ...tab.faults]
}

/** Opens an address as somebody who has never been here; notes who asks for a session. */
async function citizen(path, options) {
  const tab = await open(browser, demo, options)
  tab.page.on('request', request => {
    if (request.url().includes('/v1/auth/')) tab.faults.push(`asked for a session: ${request.url()}`)
  })
  await tab.page.goto(path)
  await settled(tab.page)
  return tab
}

const WORDS = { ja: ['自治体の題', '項目ごとの状況', '遅れ'], en: ['A title of ours', 'Item by item', 'behind'] }

test('a prefecture opens a page to everybody, and ends it', async () => {
  const officer = await open(browser, demo)
  const { page } = officer
  await signIn(officer, demo, 'prefecture', '/')
  await page.getByRole('link', { name: '公開ページ' }).click()
  await page.getByText('公開ページはまだありません。').waitFor()
  await page.getByRole('button', { name: '公開ページを作る' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: '公開ページを作る' }).click()
  await dialog.getByText('入力してください。').first().waitFor()
  await dialog.getByLabel('題 ', { exact: false }).first().fill('自治体の題')
  await dialog.getByLabel('題（英語）').fill('A title of ours')
  await dialog
    .getByLabel('紹介文', { exact: false })
    .first()
    .fill('県が承認した状況です。\n<b>お問い合わせ</b>は担当課へ。')
  await dialog.getByLabel('公開する内容').selectOption('items')
  await dialog.getByLabel('拠点名').selectOption('true')
  await dialog.getByRole('button', { name: '見え方を確かめる' }).click()
  await dialog.locator('.preview .heat').waitFor()
  assert.deepEqual((await demo.api('prefecture', '/v1/releases')).items, [], 'a preview stores nothing')
  assert.deepEqual(await faultsOf(officer, 'release-form-ja-1280'), [])
  await dialog.getByRole('button', { name: '公開ページを作る' }).click()
  const link = await page.locator('code.secret').textContent()
  await page.getByRole('dialog').getByRole('button', { name: '閉じる' }).last().click()
  await page.getByText('公開中').waitFor()
  // A dialog that is closed goes away a moment later.
  await page.locator('code.secret').waitFor({ state: 'detached' })
  assert.ok(!(await page.content()).includes(link), 'the link is shown once')
  assert.deepEqual(await faultsOf(officer, 'releases-ja-1280'), [])

  const readers = ['ja', 'en'].flatMap(language => [390, 1280].map(width => ({ language, width })))
  await Promise.all(
    readers.map(async ({ language, width }) => {
      const tab = await citizen(link, { language, width })
      const [title, items, behind] = WORDS[language]
      await tab.page.getByRole('heading', { name: title }).waitFor()
      await tab.page.getByRole('region', { name: items }).first().waitFor()
      assert.ok((await tab.page.locator('.heat').innerText()).includes(behind), 'colours have words')
      assert.ok((await tab.page.locator('main').innerText()).includes('<b>'), 'text stays text')
      assert.equal(await tab.page.locator('.bar nav, .bar a').count(), 0)
      assert.deepEqual(await faultsOf(tab, `public-${language}-${width}`), [])
      await tab.context.close()
    }),
  )

  const reader = await citizen(link, { expected: [/404 \(Not Found\)/] })
  await page.getByRole('button', { name: /^公開を終える/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: '公開を終える' }).click()
  await page.getByText('公開を終えました。').waitFor()
  await page.getByRole('cell', { name: '終了' }).waitFor()
  await reader.page.reload()
  await reader.page.getByRole('heading', { name: 'このページは公開されていません' }).waitFor()
  assert.deepEqual(await faultsOf(reader, 'public-gone-ja-1280'), [])
  assert.deepEqual(officer.faults, [])
})

test('a page without an approved month says so', async () => {
  const { scorecards } = await demo.api('national', '/v1/overview')
  const [{ id, prefecture }] = scorecards
  const made = await demo.api('national', '/v1/releases', {
    method: 'POST',
    body: JSON.stringify({ prefecture: prefecture.code, title: { ja: '準備中' }, detail: 'stages', scorecards: [id] }),
  })
  const { months } = await demo.api('national', `/v1/scorecards/${id}/months`)
  // The first one taken back takes all that build on it along.
  await demo.api('national', `/v1/scorecards/${id}/months/${months[0].month}/return`, {
    method: 'POST',
    body: JSON.stringify({ note: '内訳を' }),
  })
  const tab = await citizen(`/public/${made.token}`, { language: 'en', width: 390 })
  await tab.page.getByText('There is no month to show yet.').waitFor()
  assert.equal(await tab.page.locator('h1').getAttribute('lang'), 'ja')
  assert.deepEqual(await faultsOf(tab, 'public-empty-en-390'), [])
})
