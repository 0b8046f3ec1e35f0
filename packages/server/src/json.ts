/**
 * Messages that are JSON of a known shape: `format: json(schema)`.
 * @module @ws/server/json
 */

export * from '@ws/connection/json'
