// Who is signed in. The access token lives in this module and nowhere else; what
// renews it is a cookie that scripts cannot read.

/**
 * @typedef {Schema<'MeView'>} Me
 * @typedef {{token: string, expires: number, me: Me}} Session
 */

/** Says only that there may be a session to continue; it opens nothing. */
const MARK = 'shirube.signed_in'
const LOCK = 'shirube.session'
/** A token is renewed when it has less than this left. */
const SPARE_MS = 30_000

/** @type {Session | null} */
let session = null
/** @type {Promise<boolean> | null} */
let renewing = null
/** @type {Set<() => void>} */
const listeners = new Set()
const channel = new BroadcastChannel(LOCK)
channel.onmessage = () => forget()

export const me = () => session?.me ?? null

/** Calls back when somebody signs in or out. @param {() => void} listener */
export const onChange = listener => void listeners.add(listener)

const tell = () => {
  for (const listener of listeners) listener()
}

/** @param {object} body @param {Record<string, string>} [headers] */
function post(path = '/v1/auth/token', body = {}, headers = {}) {
  return fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Accept-Language': document.documentElement.lang, ...headers },
    body: JSON.stringify(body),
    cache: 'no-store',
  })
}

/** @param {Response} response */
async function keep(response) {
  const answer = /** @type {Schema<'TokenView'>} */ (await response.json())
  session = { token: answer.access_token, expires: Date.now() + answer.expires_in * 1000, me: answer.me }
  localStorage.setItem(MARK, '1')
}

/**
 * @param {string} email @param {string} password
 * @returns {Promise<Response | null>} the refusal, if there is one
 */
export async function signIn(email, password) {
  const response = await post('/v1/auth/token', { grant_type: 'password', email, password, cookie: true })
  if (!response.ok) return response
  await keep(response)
  tell()
  return null
}

/**
 * Continues the session of this browser. One tab at a time: each renewal replaces the
 * cookie of all of them.
 * @returns {Promise<boolean>} whether somebody is signed in; a rejection where the service is away
 */
export function renew() {
  renewing ??= locked(async () => {
    if (!localStorage.getItem(MARK)) return false
    const response = await post('/v1/auth/token', { grant_type: 'refresh_token' })
    if (response.ok) {
      await keep(response)
      return true
    }
    if (response.status >= 500 || response.status === 429) throw new TypeError(`${response.status}`)
    localStorage.removeItem(MARK)
    return false
  }).finally(() => {
    renewing = null
  })
  return renewing
}

/** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
async function locked(work) {
  return navigator.locks ? await navigator.locks.request(LOCK, work) : await work()
}

/** A token that is good for the next request; null where nobody is signed in. */
export async function accessToken() {
  if (session && session.expires - Date.now() > SPARE_MS) return session.token
  if (!session || !(await renew())) return null
  return session.token
}

/** Forgets a session that the service does not know any more. */
export function forget() {
  if (!session) return
  session = null
  localStorage.removeItem(MARK)
  tell()
}

/** Ends the session, or all of the account. @param {boolean} everywhere */
export async function signOut(everywhere) {
  const token = await accessToken()
  if (token) await post('/v1/auth/sign-out', { everywhere }, { Authorization: `Bearer ${token}` })
  forget()
  channel.postMessage('signed out')
}
