/**
 * Messages that are JSON of a known shape: `format: json(schema)`.
 * @module @ws/client/json
 */

export * from '@ws/connection/json'
