// Package demo is the demonstration: an invented station, its simulated controllers, and one
// day played over HTTP as its apps would play it. It imports doors, models and push/fcmfake;
// only main imports it.
package demo
