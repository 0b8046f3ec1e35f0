// The scripts for accounts and sessions. An account is a hash, and so is a session (user, expires).

import { script } from './script.ts'

export const OBSTACLE = script('accounts/obstacle', 'functions/names')
export const CREATE = script('accounts/create', 'functions/names')
export const RENAME = script('accounts/rename', 'functions/names')
export const REGISTER = script('accounts/register', 'functions/names')
export const SET_ADMIN = script('accounts/set-admin')
export const WRITE_LOOK = script('accounts/write-look')
export const OPEN_SESSION = script('accounts/open-session')
export const SESSION_ACCOUNT = script('accounts/session-account')
export const RENEW = script('accounts/renew')
export const SWEEP = script('accounts/sweep', 'functions/end-membership')
export const ADD_ADDRESS = script('accounts/add-address')
export const ENTER = script('accounts/enter', 'functions/in-force')
export const LEAVE = script('accounts/leave', 'functions/end-membership')
export const READ_ON = script('accounts/read-on')

export const ACCOUNT_SCRIPTS = [
  OBSTACLE,
  WRITE_LOOK,
  SET_ADMIN,
  CREATE,
  RENAME,
  REGISTER,
  OPEN_SESSION,
  SESSION_ACCOUNT,
  RENEW,
  SWEEP,
  ADD_ADDRESS,
  ENTER,
  LEAVE,
  READ_ON,
]
