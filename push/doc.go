// Package push brings alerts on their way to people: to phones through Firebase, and sign-in codes
// through SMS. It is the only package that knows Firebase and the SMS providers.
// It imports models; nobody but main imports it.
//
// A push is a hint: it carries an alert's id and kind, the app fetches the alert itself. Every
// delivery is made at least once; a phone shows an alert's id once, however often it arrives.
package push
