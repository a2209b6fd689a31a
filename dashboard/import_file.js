// A file that somebody has chosen: looked at before it is sent, and kept as it was then.

import { t } from './i18n.js'

/** @typedef {{name: string, size: number, content: Blob}} Chosen */

/** What the service takes at most. */
export const BYTES_MAX = 5 * 1024 * 1024

/** What each kind is sent as; what Windows calls a CSV depends on what is installed. @type {Record<string, string>} */
const MEDIA_TYPES = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  txt: 'text/plain',
}
/** What the choice of a file offers. */
export const KINDS = Object.keys(MEDIA_TYPES)
  .map(kind => `.${kind}`)
  .join(',')
const OLD = ['xls', 'xlt']
const WITH_MACROS = ['xlsm', 'xltm', 'xlsb', 'xlam']

/** Why a file is not even sent, in words. */
export class Unfit extends Error {}

/**
 * Reads a file into memory: what is stored later is what was looked at, also when somebody goes
 * on working in Excel.
 * @param {File[]} files
 * @returns {Promise<Chosen>}
 */
export async function chosenFile(files) {
  const [file] = files
  if (!file) throw new Unfit(t('imports.unfit.none'))
  if (files.length > 1) throw new Unfit(t('imports.unfit.several'))
  const kind = /\.([^.]+)$/.exec(file.name)?.[1]?.toLowerCase() ?? ''
  const type = MEDIA_TYPES[kind]
  if (OLD.includes(kind)) throw new Unfit(t('imports.unfit.old', { name: file.name }))
  if (WITH_MACROS.includes(kind)) throw new Unfit(t('imports.unfit.macros', { name: file.name }))
  if (!type) throw new Unfit(t('imports.unfit.kind', { name: file.name }))
  if (file.size > BYTES_MAX)
    throw new Unfit(t('imports.unfit.large', { name: file.name, size: sizeText(file.size), most: sizeText(BYTES_MAX) }))
  if (file.size === 0) throw new Unfit(t('imports.unfit.empty', { name: file.name }))
  try {
    return { name: file.name, size: file.size, content: new Blob([await file.arrayBuffer()], { type }) }
  } catch {
    throw new Unfit(t('imports.unfit.locked', { name: file.name }))
  }
}

/** @param {number} bytes */
export function sizeText(bytes) {
  if (bytes < 1024) return t('imports.bytes', { count: bytes })
  const kib = bytes / 1024
  return kib < 1024 ? `${Math.ceil(kib)} KiB` : `${(kib / 1024).toFixed(1).replace('.0', '')} MiB`
}
