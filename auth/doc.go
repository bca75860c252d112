// Package auth keeps passwords, tokens and keys; it is the only package that knows JWT.
// It imports models and nothing else of this program.
//
// It holds no clock and no store: the time is an argument, and so is the source of
// randomness (crypto/rand.Reader in production). The one exception is the nonce of a
// sealed column, which always comes from the system, because a repeated one would
// give the text away.
package auth
