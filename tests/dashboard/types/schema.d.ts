// Shapes of the API's answers, by their name in openapi/openapi.json.
import type { components } from './api.js'

declare global {
  type Schema<Name extends keyof components['schemas']> = components['schemas'][Name]
}
