// Package uhppote drives UHPPOTE access control boards (UT0311-L01 to -L04, sold under many names) over UDP.
// It imports doors and models and nothing else of ours.
//
// The maker publishes no description. What is here follows what others have found out and published: the
// packet layouts and literal packets of github.com/uhppoted/uhppote-core, uhppoted-lib-python and
// uhppote-simulator, whose tests are the source of the bytes in ours.
//
// The protocol has no secret of any kind: whoever reaches a board's port can open its doors. Boards belong on
// a network of their own, which only this server reaches; docs/controllers.md says how.
package uhppote
