// Every view in both languages, on a phone and on a desk: no fault of script, console or
// policy, nothing that axe finds, nothing wider than the window.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
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
/** Addresses by name, with the role that looks. */
let views
before(async () => {
  ;[demo, browser] = await Promise.all([startDemo(), startBrowser()])
  const { scorecards } = await demo.api('national', '/v1/overview')
  const red = scorecards.find(card => card.flag === 'red' && card.key === 'growth-tailored-support')
  const own = scorecards.find(card => card.hub.code === 'tottori' && card.key === 'challenge-population')
  const {
    items: [alert],
  } = await demo.api('national', '/v1/alerts?limit=1')
  const subscription = await demo.api('prefecture', '/v1/subscriptions', {
    method: 'POST',
    body: JSON.stringify({ name: '鳥取県 担当課', channel: 'email', recipients: ['ka@example.jp'] }),
  })
  const revision = await demo.api('hub', `/v1/scorecards/${own.id}/revisions`, {
    method: 'POST',
    body: JSON.stringify({
      effective_month: '2026-12',
      reason: '年度後半の計画を見直すため',
      changes: [
        { op: 'change', kind: 'item', key: 'uij-consult', after: { targets: [{ year: 3, value: 200 }] } },
        { op: 'change', kind: 'setting', key: 'for_months', after: 2 },
        { op: 'retire', kind: 'item', key: 'migration-fair' },
      ],
    }),
  })
  const base = `/scorecards/${red.id}`
  const plan = `/scorecards/${own.id}/revisions`
  views = [
    ['overview', 'national', '/'],
    ['overview-matrix', 'national', '/?view=matrix'],
    ['overview-change', 'national', '/?sort=change'],
    ['map', 'national', base],
    ['roadmap', 'national', `${base}/roadmap`],
    ['map-known-at', 'national', `${base}?known_at=${red.month}-20`],
    ['what-if', 'national', `${base}/what-if`],
    ['plan-diff', 'national', `${base}/plan/diff`],
    ['item', 'national', `${base}/items/seminar-companies`],
    ['comparison', 'national', `${base}/comparison`],
    ['new-scorecard', 'national', '/scorecards/new?hub=tottori'],
    ['print', 'national', `${base}/print`],
    ['alerts', 'national', '/alerts'],
    ['alerts-empty', 'national', '/alerts?state=withdrawn'],
    ['alert', 'national', `/alerts/${alert.id}`],
    ['prefectures', 'national', '/prefectures'],
    ['hubs', 'national', '/hubs'],
    ['audit', 'national', '/audit'],
    ['users', 'national', '/users'],
    ['api-keys', 'national', '/api-keys'],
    ['connect', 'national', '/connect'],
    ['imports-national', 'national', '/imports'],
    ['months', 'prefecture', '/months'],
    ['months-overdue', 'prefecture', '/months?show=overdue'],
    ['subscriptions', 'prefecture', '/subscriptions'],
    ['deliveries', 'prefecture', `/subscriptions/${subscription.id}`],
    ['revisions', 'prefecture', plan],
    ['revision', 'prefecture', `${plan}/${revision.version}`],
    ['overview-hub', 'hub', '/'],
    ['months-due', 'hub', '/months?show=due'],
    ['imports', 'hub', `/imports?scorecard=${own.id}&month=2026-10`],
    ['propose', 'hub', `${plan}/new?draft.item/uij-consult/target.3=160`],
    ['entry', 'hub', `/scorecards/${own.id}/actuals/2026-10`],
    ['not-found', 'hub', base],
    ['forbidden', 'operator', '/alerts'],
    ['imports-forbidden', 'operator', '/imports'],
    ['connect-forbidden', 'operator', '/connect'],
    ['propose-forbidden', 'operator', `${plan}/new`],
    ['accounts', 'operator', '/users'],
  ].map(([name, role, path]) => ({ name, role, path }))
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

describe('every view', { concurrency: 2 }, () => {
  for (const language of ['ja', 'en']) {
    for (const width of [390, 1280]) {
      test(`in ${language} at ${width} pixels`, async () => {
        const faults = []
        for (const role of ['national', 'prefecture', 'hub', 'operator']) {
          faults.push(...(await faultsOf(role, language, width)))
        }
        assert.deepEqual(faults, [])
      })
    }
  }
})

/** Each language and each width once: axe takes longer than everything else together. */
const WITH_AXE = new Set(['ja 390', 'en 1280'])

/** Everything that is wrong with the views of a role, one line each. */
async function faultsOf(role, language, width) {
  const tab = await open(browser, demo, { language, width, expected: [/404 \(Not Found\)/, /403 \(Forbidden\)/] })
  const { page } = tab
  const own = views.filter(view => view.role === role)
  await signIn(tab, demo, role, own[0].path)
  const faults = []
  for (const { name, path } of own) {
    // Inside of the page, as a link goes; whole loads are in `session.test.mjs`.
    await page.evaluate(path => {
      history.pushState(null, '', path)
      dispatchEvent(new PopStateEvent('popstate'))
    }, path)
    await settled(page)
    if (language === 'ja') await screenshot(page, `${name}-${language}-${width}`)
    const wide = await overflow(page)
    if (wide > 0) faults.push(`${name}: ${wide} pixels too wide`)
    if (!WITH_AXE.has(`${language} ${width}`)) continue
    faults.push(...(await accessibilityFaults(page)).map(fault => `${name}: ${fault}`))
  }
  await tab.context.close()
  return [...faults, ...tab.faults]
}
