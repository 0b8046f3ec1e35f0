// The scripts for rooms. A room is a hash (epoch, top, oldest), and its log a stream whose ids are
// the positions. keys.ts describes the other keys.

import { script } from './script.ts'

export const CREATE = script('rooms/create')
export const REMOVE = script('rooms/remove')
export const ROOM = script('rooms/room')
export const TOPS = script('rooms/tops')
export const PUBLISH = script('rooms/publish', 'functions/in-force', 'functions/end-membership')
export const ROWS = script('rooms/rows')
export const HEADS = script('rooms/heads')
export const OPEN = script('rooms/open')
export const RESTORE = script('rooms/restore')

export const ROOM_SCRIPTS = [CREATE, REMOVE, ROOM, TOPS, PUBLISH, ROWS, HEADS, OPEN, RESTORE]
