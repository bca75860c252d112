// Package hikvision drives door terminals and controllers that speak ISAPI over HTTP, as Hikvision's do. It imports
// doors and models and nothing else of ours.
//
// It was written from public documents and from what others have published of their devices, and has not yet
// been tried on hardware: Capabilities says so, and docs/controllers.md too.
package hikvision
