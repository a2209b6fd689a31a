// The one way to the API: tokens, entity tags, and problems as errors.

import { accessToken, forget, renew } from './session.js'

/** @typedef {Schema<'Problem'>} ProblemBody */

/** What the service answered instead of what was asked for; `body` is null where nothing came. */
export class Problem extends Error {
  /** @param {number} status @param {ProblemBody | null} body */
  constructor(status, body) {
    super(body?.detail ?? `HTTP ${status}`)
    this.status = status
    this.body = body
  }

  get code() {
    return this.body?.code ?? 'unreachable'
  }

  get issues() {
    return this.body?.issues ?? []
  }
}

/** Answers kept with their tags, so that a poll costs one empty answer. */
const KEPT_MAX = 60
/** After this long without an answer the service counts as away. */
const TIMEOUT_MS = 20_000
/** The same for files, which take their time over a slow line. */
const FILE_TIMEOUT_MS = 120_000
/** @type {Map<string, {tag: string, data: unknown}>} */
const kept = new Map()

/** A key for one request and its repetitions; plain HTTP has no `crypto.randomUUID`. */
export const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')

/** Forgets every answer: the next reader may be somebody else. */
export const forgetAnswers = () => kept.clear()

/**
 * Reads. The very same object comes again while nothing has changed.
 * @template T
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export const get = (path, signal) => read(send, path, signal)

/**
 * Reads what is open to everybody: no session is asked for, continued or ended.
 * @template T
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export const getOpen = (path, signal) => read(sendOpen, path, signal)

/**
 * @template T
 * @param {typeof send} send @param {string} path @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
async function read(send, path, signal) {
  const known = kept.get(path)
  const response = await send('GET', path, { ...(known && { 'If-None-Match': known.tag }) }, undefined, signal)
  if (response.status === 304 && known) return /** @type {T} */ (known.data)
  const data = /** @type {T} */ (await response.json())
  const tag = response.headers.get('ETag')
  kept.delete(path)
  if (tag) kept.set(path, { tag, data })
  const oldest = kept.size > KEPT_MAX ? kept.keys().next().value : undefined
  if (oldest) kept.delete(oldest)
  return data
}

/**
 * Reads a list to its end.
 * @template T
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @param {number} [pagesMax]
 * @returns {Promise<T[]>}
 */
export async function getAll(path, signal, pagesMax = 10) {
  /** @type {T[]} */
  const items = []
  let cursor = ''
  for (let page = 0; page < pagesMax; page++) {
    const join = path.includes('?') ? '&' : '?'
    /** @type {{items?: T[], changes?: T[], next_cursor?: string | null}} */
    const list = await get(`${path}${join}limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, signal)
    items.push(...(list.items ?? list.changes ?? []))
    if (!list.next_cursor) break
    cursor = list.next_cursor
  }
  return items
}

/**
 * Writes. A repetition after a lost answer does nothing twice: each call has a key.
 * @template T
 * @param {'POST' | 'PUT' | 'PATCH' | 'DELETE'} method
 * @param {string} path
 * @param {object} [body]
 * @param {{revision?: number, key?: string}} [options]
 * @returns {Promise<T>}
 */
export async function write(method, path, body, options = {}) {
  /** @type {Record<string, string>} */
  const headers = {}
  if (options.revision !== undefined) headers['If-Match'] = `"${options.revision}"`
  if (method === 'POST') headers['Idempotency-Key'] = options.key ?? newKey()
  const response = await send(method, path, headers, body)
  return response.status === 204 ? /** @type {T} */ (undefined) : await response.json()
}

/**
 * Sends a file as it is. With a key, a repetition after a lost answer does nothing twice.
 * @template T
 * @param {string} path
 * @param {Blob} content
 * @param {{key?: string, signal?: AbortSignal}} [options]
 * @returns {Promise<T>}
 */
export async function upload(path, content, { key, signal } = {}) {
  const response = await send('POST', path, { ...(key && { 'Idempotency-Key': key }) }, content, signal)
  return await response.json()
}

/**
 * Reads a file, with the name that the service gives it.
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<{content: Blob, name: string, headers: Headers}>}
 */
export async function download(path, signal) {
  const response = await send('GET', path, {}, undefined, signal, FILE_TIMEOUT_MS)
  try {
    return { content: await response.blob(), name: nameOf(response.headers), headers: response.headers }
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Problem(0, null)
  }
}

/** The name of a file (RFC 6266), without any folder; empty where it has none. @param {Headers} headers */
function nameOf(headers) {
  const disposition = headers.get('Content-Disposition') ?? ''
  const encoded = /filename\*=UTF-8''([^;\s]+)/i.exec(disposition)?.[1]
  const plain = /filename="([^"]*)"/i.exec(disposition)?.[1] ?? ''
  try {
    return (encoded ? decodeURIComponent(encoded) : plain).replace(/[\\/]/g, '_')
  } catch {
    return plain
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {object} [body]
 * @param {AbortSignal} [signal]
 * @param {number} [timeout]
 */
async function send(method, path, headers, body, signal, timeout) {
  let response = await attempt(method, path, headers, body, signal, timeout)
  // Other rights, or a clock that is off: one renewal, then it is over.
  if (response.status === 401 && (await renewed()))
    response = await attempt(method, path, headers, body, signal, timeout)
  if (response.status === 401) forget()
  return await accepted(response)
}

/** [`send`] without a credential. @type {typeof send} */
async function sendOpen(method, path, headers, body, signal) {
  return await accepted(await ask(method, path, headers, body, signal))
}

/** The answer, unless it is a refusal. @param {Response} response */
async function accepted(response) {
  if (response.ok || response.status === 304) return response
  const isProblem = response.headers.get('Content-Type')?.startsWith('application/problem+json')
  throw new Problem(response.status, isProblem ? await response.json() : null)
}

async function renewed() {
  try {
    return await renew()
  } catch {
    throw new Problem(0, null)
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {object | undefined} body
 * @param {AbortSignal | undefined} signal
 * @param {number} [timeout]
 */
async function attempt(method, path, headers, body, signal, timeout) {
  try {
    const token = await accessToken()
    if (!token) {
      forget()
      throw new Problem(401, null)
    }
    return await ask(method, path, { Authorization: `Bearer ${token}`, ...headers }, body, signal, timeout)
  } catch (error) {
    if (signal?.aborted || error instanceof Problem) throw error
    throw new Problem(0, null)
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {object | undefined} body a file is sent as it is, anything else as JSON
 * @param {AbortSignal | undefined} signal
 * @param {number} [timeout]
 */
async function ask(method, path, headers, body, signal, timeout = TIMEOUT_MS) {
  const isFile = body instanceof Blob
  const limit = AbortSignal.timeout(isFile ? FILE_TIMEOUT_MS : timeout)
  try {
    return await fetch(path, {
      method,
      headers: {
        'Accept-Language': document.documentElement.lang,
        ...(body && { 'Content-Type': isFile ? body.type : 'application/json' }),
        ...headers,
      },
      body: isFile ? body : body ? JSON.stringify(body) : null,
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Problem(0, null)
  }
}
