<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>KeySpace</name>
    <message numerus="yes">
        <source>set of %n point(s): %1 and more</source>
        <translation>
            <numerusform>set of %n point: %1 and more</numerusform>
            <numerusform>set of %n points: %1 and more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>set of %n point(s): %1</source>
        <translation>
            <numerusform>set of %n point: %1</numerusform>
            <numerusform>set of %n points: %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sinkscope::AlongDepth</name>
    <message numerus="yes">
        <source>%n samples</source>
        <translation>
            <numerusform>%n sample</numerusform>
            <numerusform>%n samples</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sinkscope::AnalysesDialog</name>
    <message numerus="yes">
        <source>%n metrics</source>
        <translation>
            <numerusform>%n metric</numerusform>
            <numerusform>%n metrics</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n families, %1 metrics with the attention statistics, which are always there.</source>
        <translation>
            <numerusform>%n family, %1 metrics with the attention statistics, which are always there.</numerusform>
            <numerusform>%n families, %1 metrics with the attention statistics, which are always there.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sinkscope::CacheDialog</name>
    <message numerus="yes">
        <source>%n shard(s) missing</source>
        <translation>
            <numerusform>%n shard missing</numerusform>
            <numerusform>%n shards missing</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sinkscope::CheckpointCard</name>
    <message numerus="yes">
        <source>Grouped-query attention: %n query heads share one key/value head</source>
        <translation>
            <numerusform>Every query head has its own key/value head</numerusform>
            <numerusform>Grouped-query attention: %n query heads share one key/value head</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sinkscope::DropOverlay</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sinkscope::FigureDialog</name>
    <message numerus="yes">
        <source>%n metrics</source>
        <translation>
            <numerusform>%n metric</numerusform>
            <numerusform>%n metrics</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sinkscope::FrameCard</name>
    <message numerus="yes">
        <source>Layer %1, %n heads</source>
        <translation>
            <numerusform>Layer %1, %n head</numerusform>
            <numerusform>Layer %1, %n heads</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n samples</source>
        <translation>
            <numerusform>%n sample</numerusform>
            <numerusform>%n samples</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sinkscope::FrameGroups</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sinkscope::HeadsArea</name>
    <message numerus="yes">
        <source> (95 %: %1 to %2, %n samples)</source>
        <translation>
            <numerusform> (95 %: %1 to %2, %n sample)</numerusform>
            <numerusform> (95 %: %1 to %2, %n samples)</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sinkscope::KeySpacePanel</name>
    <message numerus="yes">
        <source>Wrote %n frame(s)</source>
        <translation>
            <numerusform>Wrote %n frame</numerusform>
            <numerusform>Wrote %n frames</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sinkscope::KeySpaceView</name>
    <message numerus="yes">
        <source>%n point(s), none selected</source>
        <translation>
            <numerusform>%n point, none selected</numerusform>
            <numerusform>%n points, none selected</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sinkscope::PromptBar</name>
    <message numerus="yes">
        <source>%n tokens</source>
        <translation>
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sinkscope::SessionController</name>
    <message numerus="yes">
        <source>Opening %n file(s)</source>
        <translation>
            <numerusform>Opening %n file</numerusform>
            <numerusform>Opening %n files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sinkscope::SweepResults</name>
    <message numerus="yes">
        <source>And %n more: choose rows above to read theirs.</source>
        <translation>
            <numerusform>And %n more: choose its row above to read it.</numerusform>
            <numerusform>And %n more: choose rows above to read theirs.</numerusform>
        </translation>
    </message>
</context>
</TS>
