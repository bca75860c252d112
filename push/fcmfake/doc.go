// Package fcmfake speaks Firebase Cloud Messaging's HTTP v1 protocol without Firebase, for tests and
// for the demo: it takes what Firebase takes, refuses what Firebase refuses, and fails as it is told
// to, token by token. It imports nothing but the standard library.
//
// The protocol is that of https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages
// with the errors of https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode.
package fcmfake
