// Package viid takes what cameras and gateways send in the manner of GA/T 1400.4 (视图库): Register, Keepalive, UnRegister, Faces
// and MotorVehicles. It imports models and nothing else of ours.
//
// It was written from public descriptions of the interface and has not been tried against certified equipment; docs/controllers.md
// says so too. Of a face it takes only one that the device itself marks, and of that a time and where the picture is kept. Pictures
// that come along are skipped while they arrive: they are never held whole, written or logged.
package viid
