// Package doors talks to controllers, gates and terminals. It is the only package that
// knows MQTT; it imports models and nothing else of ours (doors → models).
//
// The protocol is written down for makers of controllers in docs/door-protocol.md.
// Link is the server's side of it, Controller a simulated device, Broker the embedded broker
// that both reach over a real socket, so that another broker is only another address.
package doors
