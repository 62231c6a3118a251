/**
 * Whether requests to OpenRouter go through this package in this realm. It is false where Node has no `fetch`.
 *
 * Loading this entry is all: `NODE_OPTIONS="--require openrouter-native/register"`, or `--import`. `docs/register.md` has the
 * settings, which are environment variables.
 */
export const registered: boolean;
