/**
 * {@code lego devices}: the RDMA devices of this machine for people and for scripts. {@link
 * io.splitkernel.launcher.devices.DeviceListing} writes them in the layout of {@code ibv_devinfo},
 * {@link io.splitkernel.launcher.devices.DeviceDocument} as JSON; both take their words from {@code
 * DeviceWords}. No state; control path.
 */
package io.splitkernel.launcher.devices;
