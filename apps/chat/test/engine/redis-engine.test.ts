import { withRedis } from '@ws/testing'
import { afterAll, beforeAll, describe } from 'vitest'
import { engineSuite } from './engine-suite.ts'
import { REDIS, startRedis, stopRedis } from './kinds.ts'

withRedis(describe)('on a real Redis', () => {
  beforeAll(startRedis)
  afterAll(stopRedis)
  engineSuite(REDIS)
})
