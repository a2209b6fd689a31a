// A demo of the debug binary, a browser, and pages that notice every fault.

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const SCREENSHOTS = join(ROOT, 'target/dashboard')
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP shirube.test 127.0.0.1',
]
/** A name of the demo that is not `localhost`: what comes from there has no secure context. */
export const PLAIN_HOST = 'shirube.test'
const READY_SECONDS = 60

/**
 * Starts a demo of its own on a free port; `stop` ends it. Where `DASHBOARD_DEMO` is the line
 * of a running one, with the address of `serve.mjs` perhaps, that one is used.
 */
export async function startDemo() {
  if (process.env.DASHBOARD_DEMO) return demoOf(JSON.parse(process.env.DASHBOARD_DEMO), async () => {})
  const folder = mkdtempSync(join(tmpdir(), 'shirube-dashboard-'))
  const server = spawn(join(ROOT, 'target/debug/shirube'), ['demo'], {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      SHIRUBE_DATA_DIR: folder,
      SHIRUBE_LISTEN: '127.0.0.1:0',
      SHIRUBE_RATE_SIGN_IN: '0',
      SHIRUBE_RATE_REQUESTS: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  server.stderr.on('data', text => {
    said += text
  })
  const stop = async () => {
    const ended = new Promise(resolve => server.once('exit', resolve))
    server.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  const hello = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no demo: ${said}`)), READY_SECONDS * 1000)
    server.once('exit', code => reject(new Error(`the demo ended with ${code}: ${said}`)))
    let line = ''
    server.stdout.on('data', text => {
      line += text
      if (!line.includes('\n')) return
      clearTimeout(late)
      resolve(JSON.parse(line))
    })
  })
  return demoOf(hello, stop)
}

function demoOf(hello, stop) {
  const account = role => hello.sign_ins.find(signIn => signIn.role === role)
  /** The API as a program sees it. */
  const api = async (role, path, init = {}) => {
    const answer = await fetch(new URL(path, hello.address), {
      ...init,
      headers: {
        Authorization: `Bearer ${account(role).api_key}`,
        'Content-Type': 'application/json',
        ...init.headers,
      },
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return await answer.json()
  }
  return { address: hello.address, account, api, stop }
}

export const startBrowser = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS })

/**
 * A page that collects what must not happen: script errors, error messages of the console,
 * refusals of the content security policy, requests to elsewhere. `expected` names messages
 * that a test provokes.
 */
export async function open(browser, demo, { language = 'ja', width = 1280, height = 900, expected = [] } = {}) {
  const context = await browser.newContext({
    baseURL: demo.address,
    viewport: { width, height },
    timezoneId: 'Asia/Tokyo',
    locale: language === 'ja' ? 'ja-JP' : 'en-GB',
  })
  const page = await context.newPage()
  const faults = []
  const notice = text => {
    if (!expected.some(pattern => pattern.test(text))) faults.push(text)
  }
  page.on('pageerror', error => notice(`script: ${error.stack ?? error}`))
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) notice(`console: ${message.text()} ${message.location().url}`)
  })
  page.on('request', request => {
    if (!request.url().startsWith(demo.address) && !request.url().startsWith('data:'))
      notice(`elsewhere: ${request.url()}`)
  })
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', event =>
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`),
    )
  })
  page.setDefaultTimeout(15_000)
  return { page, context, faults, expected, language }
}

const LABELS = { ja: ['メールアドレス', 'パスワード'], en: ['E-mail address', 'Password'] }

/** Signs in as a role, by keyboard, on whatever address the page was asked for. */
export async function signIn({ page, language }, demo, role, path = '/') {
  const { email, password } = demo.account(role)
  await page.goto(path)
  await page.getByLabel(LABELS[language][0]).fill(email)
  await page.getByLabel(LABELS[language][1]).fill(password)
  await page.keyboard.press('Enter')
  await page.locator('.bar nav').waitFor()
  await settled(page)
}

/** Waits until the view has been drawn. */
export async function settled(page) {
  await page.locator('main:not([aria-busy]) h1').first().waitFor()
}

/** What axe finds wrong, one line each. */
export async function accessibilityFaults(page) {
  await page.evaluate(AXE)
  const { violations } = await page.evaluate(
    tags => axe.run(document, { runOnly: tags, resultTypes: ['violations'] }),
    AXE_TAGS,
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(node => `${id}: ${node.html.slice(0, 160)} ${node.any.map(check => check.message).join(' ')}`),
  )
}

/** Pixels by which a page is wider than its window. */
export const overflow = page => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)

export const screenshot = (page, name, options = {}) =>
  page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true, ...options })
