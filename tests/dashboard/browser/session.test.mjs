// Signing in, staying signed in, and signing out.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { open, PLAIN_HOST, settled, signIn, startBrowser, startDemo } from './support.mjs'

let demo
let browser
before(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), startBrowser()])
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

test('the first view costs one call to the API and little more', async () => {
  const tab = await open(browser, demo)
  const { page } = tab
  await signIn(tab, demo, 'national')
  let bytes = 0
  /** @type {string[]} */
  const calls = []
  const session = await tab.context.newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  session.on('Network.loadingFinished', event => {
    bytes += event.encodedDataLength
  })
  let requests = 0
  page.on('request', request => {
    requests += 1
    const { pathname } = new URL(request.url())
    if (pathname.startsWith('/v1')) calls.push(pathname)
  })
  await page.reload()
  await settled(page)
  assert.deepEqual(calls, ['/v1/auth/token', '/v1/overview'])
  console.log(`first view: ${requests} requests, ${bytes} bytes`)
  assert.ok(bytes < 150_000, `${bytes} bytes`)
  assert.deepEqual(tab.faults, [])
})

test('the address survives signing in, a reload and the way back', async () => {
  const { scorecards } = await demo.api('national', '/v1/overview?flag=red')
  const path = `/scorecards/${scorecards[0].id}?month=2026-09`
  const tab = await open(browser, demo)
  const { page } = tab
  await signIn(tab, demo, 'national', path)
  const title = await page.title()
  assert.ok((await page.locator('.map .item').count()) > 5)
  await page.reload()
  await settled(page)
  assert.equal(await page.title(), title)
  assert.ok(page.url().endsWith(path))
  await page.getByRole('link', { name: 'ロードマップ' }).click()
  await page.locator('.roadmap').waitFor()
  await page.goBack()
  await page.locator('.map').waitFor()
  assert.ok(page.url().endsWith(path))
  assert.deepEqual(tab.faults, [])
})

test('no script can read what renews the session, and no address holds a token', async () => {
  const tab = await open(browser, demo)
  await signIn(tab, demo, 'hub')
  const seen = await tab.page.evaluate(() => ({
    cookie: document.cookie,
    storage: JSON.stringify({ ...localStorage, ...sessionStorage }),
    address: location.href,
  }))
  assert.equal(seen.cookie, '')
  assert.doesNotMatch(seen.storage + seen.address, /shr_|eyJ/)
  const [cookie] = await tab.context.cookies(`${demo.address}/v1/auth/token`)
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, 'Strict', '/v1/auth'])
})

test('two tabs renew at once and stay signed in; one signs both out', async () => {
  const tab = await open(browser, demo)
  await signIn(tab, demo, 'prefecture')
  const other = await tab.context.newPage()
  await other.goto('/')
  await settled(other)
  for (let round = 0; round < 3; round++) {
    await Promise.all([tab.page.reload(), other.reload()])
    await Promise.all([settled(tab.page), settled(other)])
    for (const page of [tab.page, other]) assert.equal(await page.locator('.bar nav').count(), 1)
  }
  // Left before the answer came: the next page still finds the session.
  await tab.page.evaluate(
    () =>
      void fetch('/v1/auth/token', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{"grant_type":"refresh_token"}',
      }),
  )
  await tab.page.reload()
  await settled(tab.page)
  assert.equal(await tab.page.locator('.bar nav').count(), 1)
  await tab.page.locator('.menu summary').click()
  await tab.page.getByRole('button', { name: 'サインアウト', exact: true }).click()
  for (const page of [tab.page, other]) await page.getByLabel('パスワード').waitFor()
  await other.reload()
  await other.getByLabel('パスワード').waitFor()
  assert.deepEqual(tab.faults, [])
})

test('signing out everywhere ends the sessions of other browsers', async () => {
  const here = await open(browser, demo)
  const there = await open(browser, demo, { expected: [/401 \(Unauthorized\)/] })
  await signIn(here, demo, 'viewer')
  await signIn(there, demo, 'viewer')
  await here.page.locator('.menu summary').click()
  await here.page.getByRole('button', { name: 'すべての端末からサインアウト' }).click()
  await here.page.getByLabel('パスワード').waitFor()
  await there.page.getByRole('link', { name: 'アラート' }).click()
  await there.page.getByLabel('パスワード').waitFor()
  assert.deepEqual([...here.faults, ...there.faults], [])
})

test('a wrong password is said in words, and nothing else', async () => {
  const tab = await open(browser, demo, { expected: [/401 \(Unauthorized\)/] })
  await tab.page.goto('/')
  await tab.page.getByLabel('メールアドレス').fill('hub@demo.example')
  await tab.page.getByRole('button', { name: 'サインインする' }).click()
  await tab.page.getByText('入力してください。').waitFor()
  await tab.page.getByLabel('パスワード').fill('wrong')
  await tab.page.keyboard.press('Enter')
  await tab.page
    .getByRole('alert')
    .getByText(/パスワード|メール/)
    .waitFor()
  assert.deepEqual(tab.faults, [])
})

test('plain HTTP in an office network is enough', async () => {
  const plain = { ...demo, address: demo.address.replace('127.0.0.1', PLAIN_HOST) }
  const tab = await open(browser, plain)
  const { page } = tab
  await signIn(tab, demo, 'viewer', '/api-keys')
  assert.equal(await page.evaluate(() => isSecureContext), false)
  await page.getByRole('button', { name: 'キーを作る' }).click()
  await page.getByRole('dialog').getByLabel('名称').fill('Excel')
  await page.getByRole('dialog').getByRole('button', { name: 'キーを作る' }).click()
  await page.locator('.secret').waitFor()
  await page.reload()
  await settled(page)
  await page.getByRole('rowheader', { name: 'Excel' }).waitFor()
  assert.deepEqual(tab.faults, [])
})
