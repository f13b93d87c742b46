using BackupSidecar.SwapKill;

return args switch
{
    ["swap", var target, var staged, var restoreId, var appIsStopped, var stopAt] => await SwappingProcess.RunAsync(target, staged, restoreId, appIsStopped, stopAt),
    ["loop"] => await LoopingApplication.RunAsync(),
    ["wait", var path, var busyMs] => WaitingApplication.Run(path, busyMs),
    _ => 2,
};
