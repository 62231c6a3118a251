import type { SignalLike } from '../calls.js';
import type { FetchOptions } from '../fetch.js';

/** How a user allows a program to use their account. */
export interface AuthorizationOptions {
  /** The URL to which the user comes back, with `?code=…`. */
  callbackUrl: string;
  /** Default: env `OPENROUTER_BASE_URL`, else `https://openrouter.ai/api/v1`. */
  baseURL?: string;
  /** The most that the new key may spend, in USD. */
  limit?: number;
}

/** The code with which a user came back, and what its exchange needs. */
export interface ExchangeOptions extends Pick<FetchOptions, 'proxy' | 'ca' | 'timeouts'> {
  code: string;
  /** From {@link authorizationUrl}. */
  codeVerifier: string;
  baseURL?: string;
  signal?: AbortSignal | SignalLike | null;
}

/** The login of a program on the machine of its user. */
export interface LoginOptions extends Pick<FetchOptions, 'proxy' | 'ca' | 'timeouts'> {
  /** Opens the URL in the browser, or shows it to the user. */
  open(url: string): void;
  /** The port on which the return from the browser is awaited. Default: any that is free. */
  port?: number;
  /** How long it is awaited, in milliseconds. Default: ten minutes, as long as a code lives. */
  timeout?: number;
  baseURL?: string;
  limit?: number;
  signal?: AbortSignal | SignalLike | null;
}

/** A key of a user, for this program. */
export interface LoginKey {
  key: string;
  userId: string | null;
}

/**
 * Returns the address at which a user allows your program to use their account (OAuth PKCE), and the verifier that
 * {@link exchangeCode} needs. Keep the verifier secret until the user comes back.
 */
export function authorizationUrl(options: AuthorizationOptions): { url: string; codeVerifier: string };

/** Exchanges the code with which a user came back for a key. A code works once. */
export function exchangeCode(options: ExchangeOptions): Promise<LoginKey>;

/**
 * Logs a user in from a program on their machine: opens the browser, awaits their return on the loopback interface, and resolves to
 * a key.
 */
export function login(options: LoginOptions): Promise<LoginKey>;
