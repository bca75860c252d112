// Package hostile is a campaign against the doors: commands go through a broker that does its worst, in
// simulated time, and no door may open that must not.
//
// Real are the signing (auth), the server's side of the protocol (doors.Link), the controller's
// (doors.Panel with doors.Judge) and the states of a command (models.CommandBefore). Simulated are the clocks,
// the power, the network and the broker. Everything follows from the seed.
//
// A Fault leaves out one of the checks; a campaign with it must fail, or the campaign would prove nothing.
package hostile
