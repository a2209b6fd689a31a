// The frame around every view: who is signed in, where one can go, the language.

import { forgetAnswers, Problem } from './api.js'
import { clearDrafts } from './drafts.js'
import { fill, h } from './dom.js'
import { language, setLanguage, t, word } from './i18n.js'
import { errorState, loadingState } from './live.js'
import { find, go, start as startRouter } from './router.js'
import { me, onChange, renew, signOut } from './session.js'

/** Which roles see a part. @type {{path: string, also?: string[], key: import('./i18n.js').WordKey, roles: string[]}[]} */
const PARTS = [
  { path: '/', key: 'nav.overview', roles: ['national', 'prefecture', 'hub', 'viewer'] },
  { path: '/alerts', key: 'nav.alerts', roles: ['national', 'prefecture', 'hub', 'viewer'] },
  { path: '/months', key: 'nav.months', roles: ['national', 'prefecture', 'hub', 'viewer'] },
  { path: '/imports', key: 'nav.imports', roles: ['national', 'hub'] },
  { path: '/subscriptions', key: 'nav.subscriptions', roles: ['national', 'prefecture', 'hub', 'viewer'] },
  { path: '/prefectures', also: ['/hubs'], key: 'nav.organisations', roles: ['national', 'prefecture'] },
  { path: '/releases', key: 'nav.releases', roles: ['national', 'prefecture'] },
  { path: '/users', key: 'nav.users', roles: ['national', 'operator'] },
  {
    path: '/api-keys',
    also: ['/connect'],
    key: 'nav.api_keys',
    roles: ['national', 'prefecture', 'hub', 'viewer', 'operator'],
  },
  { path: '/audit', key: 'nav.audit', roles: ['national', 'prefecture', 'operator'] },
]

let view = new AbortController()

/** @param {HTMLElement} root */
export async function start(root) {
  const outlet = h('main', { id: 'main', tabIndex: -1 })
  const header = h('header', { class: 'bar' })
  const draw = async () => {
    view.abort()
    view = new AbortController()
    if (!outlet.isConnected) fill(root, skipLink(outlet), header, outlet)
    fill(header, ...bar(() => void draw()))
    // On a phone the menu is wider than the page.
    header.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
    const { signal } = view
    outlet.setAttribute('aria-busy', 'true')
    await show(outlet, signal)
    if (!signal.aborted) outlet.removeAttribute('aria-busy')
  }
  let path = location.pathname
  startRouter(() => {
    const isElsewhere = path !== location.pathname
    path = location.pathname
    void draw()
    // Another state of the same view leaves the reader where they are.
    if (!isElsewhere) return
    window.scrollTo(0, 0)
    outlet.focus({ preventScroll: true })
  })
  onChange(() => {
    forgetAnswers()
    void draw()
  })
  fill(root, loadingState())
  await begin(root, draw)
}

/** Continues the session, or says that the service is away. @param {HTMLElement} root @param {() => Promise<void>} draw */
async function begin(root, draw) {
  try {
    // Who only reads what is open has no session to continue.
    if (!find(location.pathname)?.isOpen) await renew()
    await draw()
  } catch {
    fill(
      root,
      h(
        'main',
        null,
        errorState(null, () => void begin(root, draw)),
      ),
    )
  }
}

/** @param {HTMLElement} outlet @param {AbortSignal} signal */
async function show(outlet, signal) {
  const setTitle = (/** @type {string} */ title) => {
    document.title = `${title} | ${t('app.name')}`
  }
  const found = find(location.pathname)
  const caller = me()
  try {
    if (!caller && !found?.isOpen) {
      const { show } = await import('./views/sign_in.js')
      setTitle(t('sign_in.title'))
      if (!signal.aborted) show(outlet)
      return
    }
    if (!found) {
      setTitle(t('error.not_found'))
      fill(outlet, errorState(new Problem(404, null)), h('a', { href: '/' }, t('nav.overview')))
      return
    }
    if (caller?.role === 'operator' && location.pathname === '/') {
      go('/users', { replace: true })
      return
    }
    const { show } = await found.load()
    if (signal.aborted) return
    await show({ parameters: found.parameters, query: new URLSearchParams(location.search), outlet, signal, setTitle })
  } catch (error) {
    if (signal.aborted) return
    console.error(error)
    // A file that is not there any more: a newer version has been installed.
    fill(
      outlet,
      errorState(error, () => location.reload()),
    )
  }
}

/** @param {HTMLElement} outlet */
function skipLink(outlet) {
  return h(
    'a',
    {
      class: 'skip',
      href: '#main',
      onclick: (/** @type {Event} */ event) => {
        event.preventDefault()
        outlet.focus()
      },
    },
    t('nav.skip'),
  )
}

/** @param {() => void} redraw */
function bar(redraw) {
  const isOpen = find(location.pathname)?.isOpen
  const caller = isOpen ? null : me()
  return [
    h(
      isOpen ? 'span' : 'a',
      { class: 'brand', href: isOpen ? null : '/' },
      h('span', { class: 'brand-mark', 'aria-hidden': 'true' }, '標'),
      h('span', { class: 'brand-name' }, 'shirube'),
    ),
    caller &&
      h(
        'nav',
        { 'aria-label': t('nav.label') },
        h(
          'ul',
          null,
          PARTS.filter(part => part.roles.includes(caller.role)).map(part =>
            h(
              'li',
              null,
              h(
                'a',
                {
                  href: part.path,
                  'aria-current': [part.path, ...(part.also ?? [])].some(isCurrent) ? 'page' : null,
                  'data-focus': part.path,
                },
                t(part.key),
              ),
            ),
          ),
        ),
      ),
    h('div', { class: 'bar-end' }, languageSwitch(redraw), caller && account(caller)),
  ]
}

/** @param {string} path */
function isCurrent(path) {
  const here = location.pathname
  return path === '/' ? here === '/' || here.startsWith('/scorecards') : here.startsWith(path)
}

/** @param {() => void} redraw */
function languageSwitch(redraw) {
  const other = language() === 'ja' ? 'en' : 'ja'
  return h(
    'button',
    {
      type: 'button',
      class: 'plain',
      id: 'language',
      lang: other,
      onclick: () => {
        setLanguage(other)
        redraw()
      },
    },
    other === 'en' ? 'English' : '日本語',
  )
}

/** @param {Schema<'MeView'>} caller */
function account(caller) {
  const leave = (/** @type {boolean} */ everywhere) => async () => {
    clearDrafts()
    await signOut(everywhere).catch(() => location.reload())
  }
  return h(
    'details',
    { class: 'menu' },
    h('summary', null, h('span', { class: 'menu-name' }, caller.user?.name ?? caller.key?.name ?? '')),
    h(
      'div',
      { class: 'menu-body' },
      h('p', null, caller.user?.name ?? ''),
      h('p', { class: 'quiet' }, word('role', caller.role), scopeText(caller.scope)),
      h('button', { type: 'button', onclick: leave(false) }, t('session.sign_out')),
      h('button', { type: 'button', class: 'plain', onclick: leave(true) }, t('session.sign_out_everywhere')),
    ),
  )
}

/** @param {Schema<'Scope'>} scope */
function scopeText(scope) {
  const code = scope.hub ?? scope.prefecture
  return code ? ` ${code}` : ''
}
